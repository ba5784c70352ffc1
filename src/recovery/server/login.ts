import type { Answer, LoginRole, PostgresFailure, Row, Session } from '../../ports/postgres.ts'
import type { ServerContext } from '../step.ts'

export const LOGIN_TIMEOUT_MS = 5_000

/** A fresh session for the time of `work`; the failure to open one is returned, not thrown. */
export async function withSession<T>(
  context: ServerContext,
  login: { readonly role: LoginRole; readonly database?: string; readonly settings?: Readonly<Record<string, string>> },
  signal: AbortSignal,
  work: (session: Session) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  const opened = await context.outside.postgres.open({ ...login, timeoutMs: LOGIN_TIMEOUT_MS, purpose: 'recovery' }, signal)
  if (!opened.ok) return opened
  try {
    return await work(opened.value)
  } finally {
    await opened.value.close()
  }
}

/** The rows of one statement in a fresh superuser session. */
export function askOnce(
  context: ServerContext,
  database: string | undefined,
  text: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Answer<readonly Row[]>> {
  const login = { role: 'superuser' as const, ...(database === undefined ? {} : { database }) }
  return withSession(context, login, signal, (session) => session.query({ text, timeoutMs }, signal))
}

/**
 * What a fresh login was answered with: `up` a session, or any error of the server's own but 57P03 (libpq's rule);
 * `not-yet` 57P03, so it is starting, recovering or shutting down; `silent` nothing in time; `nobody` no server was reached,
 * or the connection ended without a word.
 */
export interface LoginAnswer {
  readonly answer: 'up' | 'not-yet' | 'silent' | 'nobody'
  /** The server's words or what became of the connection, for people. */
  readonly said: string
}

/** Asks for one fresh superuser session and closes it. */
export async function tryToLogIn(context: ServerContext, signal: AbortSignal): Promise<LoginAnswer> {
  const opened = await context.outside.postgres.open({ role: 'superuser', timeoutMs: LOGIN_TIMEOUT_MS, purpose: 'recovery' }, signal)
  if (!opened.ok) return { answer: judgeFailure(opened.failure), said: describe(opened.failure) }
  await opened.value.close()
  return { answer: 'up', said: 'it accepts a login' }
}

function judgeFailure({ kind, sqlState }: PostgresFailure): LoginAnswer['answer'] {
  if (kind === 'rejected') return sqlState === '57P03' ? 'not-yet' : 'up'
  return kind === 'timeout' ? 'silent' : 'nobody'
}

function describe({ sqlState, message }: PostgresFailure): string {
  return sqlState === undefined ? message : `${sqlState} ${message}`
}
