import type { ServerSession } from './session.ts'

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/

/** What names a session in a statement; nothing of it is text that a client chose. */
type Named = Pick<ServerSession, 'pid' | 'backendStart'>

/**
 * Ends exactly these sessions, by pid and start, so that a pid that was given anew is not met. `idle`: and only those that are
 * still idle, in a transaction or not.
 */
export function terminateStatement(sessions: readonly Named[], { idle }: { readonly idle: boolean }): string {
  const who = `(pid, backend_start) in (${sessions.map(nameOf).join(', ')})`
  return `select pid, pg_terminate_backend(pid) from pg_stat_activity where ${who}${idle ? " and state like 'idle%'" : ''}`
}

/** The same, of those that have not done anything at all since they were looked at. */
export function terminateUnchangedStatement(sessions: readonly Pick<ServerSession, 'pid' | 'backendStart' | 'stateChange'>[]): string {
  const who = sessions.map((session) => `(${session.pid}, ${quoteTime(session.backendStart)}, ${quoteTime(session.stateChange)})`)
  return (
    'select pid, pg_catalog.pg_terminate_backend(pid) as ended from pg_catalog.pg_stat_activity ' +
    `where (pid, backend_start, state_change) in (${who.join(', ')})`
  )
}

/** A transaction by its session and start: what it is now is what it was when it was looked at. */
type Transaction = Pick<ServerSession, 'pid' | 'backendStart'> & { readonly transactionStart: string }

/** Cancels the statement of exactly this transaction, if it still has one under way. */
export function cancelStatement(transaction: Transaction): string {
  return `select pid, pg_cancel_backend(pid) as ended from pg_stat_activity where ${whichTransaction(transaction)} and state = 'active'`
}

/** Ends the session of exactly this transaction. */
export function endTransactionStatement(transaction: Transaction): string {
  return `select pid, pg_terminate_backend(pid) as ended from pg_stat_activity where ${whichTransaction(transaction)}`
}

/** The same statement for as long as somebody waits for it. */
export function whileItBlocks(statement: string, pid: number): string {
  return `${statement} and exists (select from pg_locks w where not w.granted and ${pid} = any (pg_blocking_pids(w.pid)))`
}

/** One of two ways to end it, which a person has to choose from; its name is anybody's text, so it is quoted. */
export function rollbackPreparedStatement(gid: string): string {
  return `rollback prepared '${gid.replaceAll("'", "''")}' -- or commit prepared`
}

function whichTransaction({ pid, backendStart, transactionStart }: Transaction): string {
  return `pid = ${pid} and backend_start = ${quoteTime(backendStart)} and xact_start = ${quoteTime(transactionStart)}`
}

function nameOf({ pid, backendStart }: Named): string {
  return `(${pid}, ${quoteTime(backendStart)})`
}

/** Throws for what is no time: it would be a bug to let anything else into a statement. */
function quoteTime(time: string): string {
  if (!TIME.test(time)) throw new Error('a session without a start cannot be named in a statement')
  return `timestamptz '${time}'`
}
