import type { Answer, Session } from '../../ports/postgres.ts'
import type { Relation } from '../damage/find-relation.ts'
import { withRepairSession } from '../damage/repair-session.ts'
import { describeFailure } from '../server/databases.ts'
import type { StepContext } from '../step.ts'

const TRIES = 12
const PAUSE_MS = 3_000
/** Longer than `deadlock_timeout`, after which an autovacuum gives way; short, because whoever comes later waits behind it. */
const LOCK_TIMEOUT = '3s'
const QUERY_TIMEOUT_MS = 30_000
const LOCK_NOT_AVAILABLE = '55P03'

const SETTINGS = { lock_timeout: LOCK_TIMEOUT, idle_in_transaction_session_timeout: '60s' }

/** A session that holds the lock, or `undefined` result of its work with the reason. */
export type Locked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string }

/**
 * Runs `work` while nobody else can read, write, truncate or drop the relation; of a TOAST table its table is locked, which is
 * the only way to it. The lock is tried for several times and waited for briefly, and the transaction is rolled back.
 */
export async function whileLocked<T>(
  context: StepContext,
  relation: Relation,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<Locked<T>> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await withRepairSession(context, relation.database, SETTINGS, signal, (session) =>
      lockAndWork(session, relation, signal, work),
    )
    if (answer.ok) return { ok: true, value: answer.value }
    const retry = answer.failure.sqlState === LOCK_NOT_AVAILABLE && attempt < TRIES && !signal.aborted
    if (!retry) return { ok: false, why: `${relation.name} could not be locked: ${describeFailure(answer.failure)}` }
    await context.outside.clock.sleep(PAUSE_MS, signal)
  }
}

async function lockAndWork<T>(
  session: Session,
  relation: Relation,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<Answer<T>> {
  const query = (text: string) => session.query({ text, timeoutMs: QUERY_TIMEOUT_MS }, signal)
  const named = await query(lockedTable(relation))
  if (!named.ok) return named
  const locked = await query(`begin; lock table only ${String(named.value[0]?.['name'])} in access exclusive mode`)
  if (!locked.ok) return locked
  try {
    return { ok: true, value: await work(session), tookMs: 0 }
  } finally {
    await query('rollback')
  }
}

function lockedTable({ oid, isToast }: Relation): string {
  const owner = isToast ? `c.reltoastrelid = ${oid}` : `c.oid = ${oid}`
  return `
    select pg_catalog.format('%I.%I', n.nspname, c.relname) as name
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where ${owner}`
}
