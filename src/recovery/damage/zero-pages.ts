import type { Session } from '../../ports/postgres.ts'
import { describeFailure } from '../server/databases.ts'
import { withSession } from '../server/login.ts'
import type { StepContext } from '../step.ts'
import type { Relation } from './find-relation.ts'

const TIMEOUT_MS = 10_000
const LOCK_TIMEOUT = '30s'

/** Where the setting is on beyond one session: for a database or role, or in a configuration file. */
const LEFT_ON = `
  select 'ALTER DATABASE or ALTER ROLE' as place from pg_catalog.pg_db_role_setting where 'zero_damaged_pages=on' = any(setconfig)
  union all
  select sourcefile from pg_catalog.pg_file_settings where name = 'zero_damaged_pages' and setting::bool
  union all
  select 'the running server' where pg_catalog.current_setting('zero_damaged_pages')::bool`

/**
 * Rewrites one table without its damaged pages. `zero_damaged_pages` alone only zeroes buffers, so the table and all its
 * indexes are written anew (`VACUUM FULL`) in the same session, which ends right after. Returns why it failed, or `undefined`.
 */
export async function rewriteWithoutDamage(context: StepContext, relation: Relation, signal: AbortSignal): Promise<string | undefined> {
  const timeoutMs = context.settings.repair.statementTimeoutMs
  // The server's own limit too: a statement whose client is gone would go on for as long as it likes.
  const settings = { lock_timeout: LOCK_TIMEOUT, statement_timeout: `${timeoutMs}` }
  const login = { role: 'superuser' as const, database: relation.database, settings }
  const answer = await withSession(context, login, signal, async (session) => {
    const on = await session.query({ text: 'set zero_damaged_pages = on', timeoutMs: TIMEOUT_MS }, signal)
    if (!on.ok) return on
    const rewritten = await session.query({ text: `vacuum (full) ${relation.name}`, timeoutMs }, signal)
    await session.query({ text: 'reset zero_damaged_pages', timeoutMs: TIMEOUT_MS }, signal)
    return rewritten
  })
  return answer.ok ? undefined : describeFailure(answer.failure)
}

/** Proves in a new session that `zero_damaged_pages` is off everywhere; returns where it is not. */
export async function findZeroingLeftOn(context: StepContext, relation: Relation, signal: AbortSignal): Promise<readonly string[]> {
  const answer = await withSession(context, { role: 'superuser', database: relation.database }, signal, (session) =>
    session.query({ text: LEFT_ON, timeoutMs: TIMEOUT_MS }, signal),
  )
  if (!answer.ok) return [`whether zero_damaged_pages is off could not be asked: ${describeFailure(answer.failure)}`]
  return answer.value.map((row) => `zero_damaged_pages is on in ${String(row['place'])}, which pgwatchd did not set: turn it off`)
}

/** Rows by a sequential scan and by the primary key; a difference means that index and table disagree. `undefined`: they agree. */
export async function compareCounts(
  session: Session,
  relation: Relation,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const counts: string[] = []
  for (const off of [
    ['enable_indexscan', 'enable_indexonlyscan', 'enable_bitmapscan'],
    ['enable_seqscan', 'enable_bitmapscan'],
  ]) {
    await session.query({ text: `reset all; ${off.map((name) => `set ${name} = off`).join('; ')}`, timeoutMs: TIMEOUT_MS }, signal)
    const answer = await session.query({ text: `select count(*)::text as rows from only ${relation.name}`, timeoutMs }, signal)
    if (!answer.ok) return `its rows could not be counted: ${describeFailure(answer.failure)}`
    counts.push(String(answer.value[0]?.['rows']))
  }
  return counts[0] === counts[1] ? undefined : `a sequential scan finds ${counts[0]} rows and an index scan ${counts[1]}`
}
