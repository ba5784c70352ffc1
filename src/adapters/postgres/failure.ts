import { DatabaseError } from 'pg'
import type { PostgresFailure } from '../../ports/postgres.ts'

type Stage = PostgresFailure['stage']

/** errno names of `connect` and of a socket in use, and what they mean for a server. */
const KIND_BY_ERRNO: Readonly<Record<string, PostgresFailure['kind']>> = {
  ENOENT: 'no-socket',
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  // connect() on a Unix socket whose backlog is full: the postmaster has stopped accepting.
  EAGAIN: 'timeout',
  ECONNRESET: 'lost',
  EPIPE: 'lost',
}

/** What `pg` says, without a code, of a connection that ended during or before a statement. */
const CONNECTION_OVER = /^Connection terminated|is not queryable$/

const HINT_BY_ERRNO: Readonly<Record<string, string>> = {
  EAGAIN: 'the queue of new connections is full: the postmaster accepts none',
  EACCES: 'run as the user that owns the cluster, or check unix_socket_permissions',
  ENOTFOUND: 'check the host name in the configuration',
}

/** A failure at the deadline, or when the caller gave up. */
export function describeTimeout(stage: Stage, timeoutMs: number, aborted: boolean): PostgresFailure {
  const what = stage === 'connect' ? 'no session' : 'no answer'
  return { kind: 'timeout', stage, message: aborted ? `${what}: given up by the caller` : `${what} within ${timeoutMs} ms` }
}

/**
 * What an error of `pg` means. `lastWords` is what the server said before it closed the connection, such as
 * 57P02 after the crash of another server process.
 */
export function describeError(error: unknown, stage: Stage, lastWords: { sqlState: string; message: string } | undefined): PostgresFailure {
  if (error instanceof DatabaseError && error.code !== undefined) return describeRejection(error, error.code, stage)
  const { code = '', message } = error as { code?: string; message: string }
  const kind = KIND_BY_ERRNO[code] ?? (CONNECTION_OVER.test(message) ? 'lost' : 'unreachable')
  if (kind === 'lost' && lastWords !== undefined) return { kind, stage, sqlState: lastWords.sqlState, message: lastWords.message }
  const hint = HINT_BY_ERRNO[code] ?? hintByMessage(message)
  return { kind, stage, message, ...(hint === undefined ? {} : { hint }) }
}

function describeRejection(error: DatabaseError, sqlState: string, stage: Stage): PostgresFailure {
  return {
    kind: 'rejected',
    stage,
    sqlState,
    message: error.message,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  }
}

function hintByMessage(message: string): string | undefined {
  return message.includes('password must be a string') ? 'the server asks for a password and none is configured' : undefined
}
