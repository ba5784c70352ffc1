import type { Answer, Row, Session } from '../../ports/postgres.ts'
import type { StepContext } from '../step.ts'
import type { Relation } from './find-relation.ts'
import { withRepairSession } from './repair-session.ts'

const TIMEOUT_MS = 10_000
const LOOK_EVERY_MS = 100
const SETTINGS = { lock_timeout: '5s' }

/** A rewrite that is held before it replaces the table's file. */
export interface Gate {
  /**
   * Waits until the work of the other session is over, or has read the whole table and only waits to replace it. Then lets it go on,
   * or ends it where `mayPass` says no. Returns what became of the work.
   */
  watch(rewriting: Session, work: Promise<Answer<readonly Row[]>>, mayPass: () => boolean): Promise<Answer<readonly Row[]>>
}

/**
 * Holds rewrites of a table in the last moment in which they can be given up: by a lock on the table's row in `pg_class`, which a
 * rewrite changes when it puts the new file in the old one's place.
 */
export async function withGate<T>(
  context: StepContext,
  { database, oid }: Relation,
  signal: AbortSignal,
  work: (gate: Gate) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  return withRepairSession(context, database, SETTINGS, signal, async (session) => {
    const query = (text: string) => session.query({ text, timeoutMs: TIMEOUT_MS }, signal)
    const closed = await query(`begin; select 1 from pg_catalog.pg_class where oid = ${oid} for no key update`)
    if (!closed.ok) return closed
    return work({ watch: (rewriting, rewrite, mayPass) => watch(context, query, { rewriting, rewrite, mayPass }) })
  })
}

type Query = (text: string) => Promise<Answer<readonly Row[]>>

interface Held {
  readonly rewriting: Session
  readonly rewrite: Promise<Answer<readonly Row[]>>
  readonly mayPass: () => boolean
}

async function watch(context: StepContext, query: Query, { rewriting, rewrite, mayPass }: Held): Promise<Answer<readonly Row[]>> {
  const progress = { isOver: false }
  const over = rewrite.finally(() => (progress.isOver = true))
  while (!progress.isOver && mayPass() && !(await isWaiting(query, rewriting))) await context.outside.clock.sleep(LOOK_EVERY_MS)
  // What the server said before it waited may arrive after.
  if (!progress.isOver) await context.outside.clock.sleep(LOOK_EVERY_MS)
  if (!mayPass()) await query(`select pg_catalog.pg_terminate_backend(${rewriting.backendPid}, 5000)`)
  await query('rollback')
  return over
}

/** A failed look counts: the gate is open then, because its session is over. */
async function isWaiting(query: Query, { backendPid }: Session): Promise<boolean> {
  const answer = await query(`select pg_catalog.pg_backend_pid() = any(pg_catalog.pg_blocking_pids(${backendPid})) as waiting`)
  return !answer.ok || answer.value[0]?.['waiting'] === true
}
