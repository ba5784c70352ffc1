import type { Answer, PostgresFailure, PrivatePlace, Row, Session } from '../ports/postgres.ts'
import type { Outside } from '../ports/outside.ts'

const LOGIN_TIMEOUT_MS = 10_000

export interface AskRequest {
  /** Default: that of the superuser's login. */
  readonly database?: string
  readonly text: string
  readonly values?: readonly unknown[]
  readonly timeoutMs: number
  /** Shown as `pgwatchd/<purpose>`. */
  readonly purpose: string
  readonly settings?: Readonly<Record<string, string>>
  readonly at?: PrivatePlace
}

/** The rows of one statement in a fresh superuser session. */
export function ask(outside: Pick<Outside, 'postgres'>, request: AskRequest, signal: AbortSignal): Promise<Answer<readonly Row[]>> {
  const { text, timeoutMs, values } = request
  return inSession(outside, request, signal, (session) =>
    session.query({ text, timeoutMs, ...(values === undefined ? {} : { values }) }, signal),
  )
}

/** Runs `work` in a fresh superuser session, which is closed however it ends. */
export async function inSession<T>(
  { postgres }: Pick<Outside, 'postgres'>,
  { database, purpose, settings, at }: Pick<AskRequest, 'database' | 'purpose' | 'settings' | 'at'>,
  signal: AbortSignal,
  work: (session: Session) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  const place = {
    ...(database === undefined ? {} : { database }),
    ...(settings === undefined ? {} : { settings }),
    ...(at === undefined ? {} : { at }),
  }
  const opened = await postgres.open({ role: 'superuser', timeoutMs: LOGIN_TIMEOUT_MS, purpose, ...place }, signal)
  if (!opened.ok) return opened
  try {
    return await work(opened.value)
  } finally {
    await opened.value.close()
  }
}

/** "28P01 password authentication failed…", for people. */
export function describeFailure(failure: PostgresFailure): string {
  return failure.sqlState === undefined ? `${failure.kind}: ${failure.message}` : `${failure.sqlState} ${failure.message}`
}
