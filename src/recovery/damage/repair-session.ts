import type { Answer, Row, Session } from '../../ports/postgres.ts'
import { withSession } from '../server/login.ts'
import type { StepContext } from '../step.ts'

/**
 * What a session that mends must not inherit from the settings of the server, the database or the role: pages are neither
 * zeroed nor taken for good, writing is allowed, and a commit does not wait for a standby that may be gone.
 */
const OWN_SETTINGS = {
  zero_damaged_pages: 'off',
  ignore_checksum_failure: 'off',
  default_transaction_read_only: 'off',
  synchronous_commit: 'local',
  lock_timeout: '0',
} as const

/** Further settings, such as `lock_timeout`, for this session alone. */
export type SessionSettings = Readonly<Record<string, string>>

/** A superuser session for the time of `work`. */
export function withRepairSession<T>(
  context: StepContext,
  database: string,
  settings: SessionSettings,
  signal: AbortSignal,
  work: (session: Session) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  return withSession(context, { role: 'superuser', database, settings: { ...OWN_SETTINGS, ...settings } }, signal, work)
}

/** Of the time that a remedy has for one file: the server gives up first, then pgwatchd, and what was begun can still be cleared away. */
const SERVER_SHARE = 0.6
const CLIENT_SHARE = 0.7

/** Runs one statement that mends something, within most of the time that a remedy has. */
export function mendBy(
  context: StepContext,
  database: string,
  text: string,
  signal: AbortSignal,
  settings: SessionSettings = {},
): Promise<Answer<readonly Row[]>> {
  const { statementTimeoutMs } = context.settings.repair
  const own = { statement_timeout: String(Math.floor(SERVER_SHARE * statementTimeoutMs)), ...settings }
  const timeoutMs = CLIENT_SHARE * statementTimeoutMs
  return withRepairSession(context, database, own, signal, (session) => session.query({ text, timeoutMs }, signal))
}
