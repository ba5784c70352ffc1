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

function nameOf({ pid, backendStart }: Named): string {
  return `(${pid}, ${quoteTime(backendStart)})`
}

/** Throws for what is no time: it would be a bug to let anything else into a statement. */
function quoteTime(time: string): string {
  if (!TIME.test(time)) throw new Error('a session without a start cannot be named in a statement')
  return `timestamptz '${time}'`
}
