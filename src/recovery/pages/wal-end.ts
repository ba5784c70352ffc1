import { parseLsn } from '../../core/postgres/lsn.ts'
import type { Relation } from '../damage/find-relation.ts'
import { describeFailure } from '../server/databases.ts'
import { withSession } from '../server/login.ts'
import type { StepContext } from '../step.ts'

/** Where the WAL ended, or why that could not be made sure. */
export type WalEnd = { readonly ok: true; readonly lsn: bigint } | { readonly ok: false; readonly why: string }

const QUERY_TIMEOUT_MS = 10_000

/**
 * A position behind every change of pages that nobody can read any more. The checkpoint that follows puts the WAL up to there on
 * disk, and begins redo behind it: no later crash replays anything into these pages that is not there yet.
 */
export async function findWalEnd(context: StepContext, relation: Relation, signal: AbortSignal): Promise<WalEnd> {
  const timeoutMs = context.settings.repair.statementTimeoutMs
  const answer = await withSession(context, { role: 'superuser', database: relation.database }, signal, async (session) => {
    const end = await session.query(
      { text: 'select pg_catalog.pg_current_wal_insert_lsn()::text as lsn', timeoutMs: QUERY_TIMEOUT_MS },
      signal,
    )
    if (!end.ok) return end
    const checkpoint = await session.query({ text: 'checkpoint', timeoutMs }, signal)
    return checkpoint.ok ? end : checkpoint
  })
  if (!answer.ok) return { ok: false, why: `the end of the WAL could not be asked for: ${describeFailure(answer.failure)}` }
  const lsn = parseLsn(String(answer.value[0]?.['lsn']))
  return lsn === undefined ? { ok: false, why: 'the server names no end of the WAL' } : { ok: true, lsn }
}
