import type { Session } from '../../ports/postgres.ts'
import { withSession } from '../server/login.ts'
import type { StepContext } from '../step.ts'
import type { Relation } from './find-relation.ts'
import type { BadPage } from './scan-pages.ts'
import { scanPages } from './scan-pages.ts'

/**
 * Lets the server write its good copies of pages that are damaged on disk: locking one row makes the page dirty (and
 * changes no value, fires no trigger, replicates nothing), and a checkpoint writes it. A page that is not in the buffers
 * fails to be read, which harms nothing. Returns the pages that are still damaged.
 */
export async function healFromBuffers(
  context: StepContext,
  relation: Relation,
  pages: readonly BadPage[],
  signal: AbortSignal,
): Promise<readonly BadPage[]> {
  const timeoutMs = context.settings.repair.statementTimeoutMs
  await withSession(
    context,
    { role: 'superuser', database: relation.database, settings: { lock_timeout: '5s' } },
    signal,
    async (session) => {
      for (const page of pages) await touch(session, relation, page, timeoutMs, signal)
      return session.query({ text: 'checkpoint', timeoutMs }, signal)
    },
  )
  return scanPages(context, relation.path, signal)
}

function touch(session: Session, relation: Relation, { block }: BadPage, timeoutMs: number, signal: AbortSignal): Promise<unknown> {
  const range = `ctid >= '(${block},0)'::tid and ctid < '(${block + 1},0)'::tid`
  return session.query({ text: `select 1 from only ${relation.name} where ${range} limit 1 for key share`, timeoutMs }, signal)
}
