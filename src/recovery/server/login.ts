import type { Answer, LoginRole, Row, Session } from '../../ports/postgres.ts'
import type { StepContext } from '../step.ts'

export const LOGIN_TIMEOUT_MS = 5_000

/** A fresh session for the time of `work`; the failure to open one is returned, not thrown. */
export async function withSession<T>(
  context: StepContext,
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
  context: StepContext,
  database: string | undefined,
  text: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Answer<readonly Row[]>> {
  const login = { role: 'superuser' as const, ...(database === undefined ? {} : { database }) }
  return withSession(context, login, signal, (session) => session.query({ text, timeoutMs }, signal))
}

/** Whether a new superuser session can be had now. */
export async function acceptsLogin(context: StepContext, signal: AbortSignal): Promise<boolean> {
  return (await askOnce(context, undefined, 'select 1', LOGIN_TIMEOUT_MS, signal)).ok
}
