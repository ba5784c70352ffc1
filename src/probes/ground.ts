import type { Reading } from '../core/reading.ts'
import type { Answer, Session } from '../ports/postgres.ts'
import type { Look } from './probe.ts'

const NOT_SERVING = ['not-listening', 'timeout', 'connection-lost', 'no-ground']

/**
 * Whether asking for a login makes sense: of a server that serves nobody, or says itself that it is starting or
 * stopping, the answer is known. A superuser that is refused for another reason says nothing about other users.
 */
export function serverAnswers(connection: Reading | undefined): boolean {
  if (connection === undefined || connection.verdict === 'pass' || connection.verdict === 'warn') return true
  return !NOT_SERVING.includes(connection.reason ?? '') && connection.evidence['sqlState'] !== '57P03'
}

/**
 * Opens the session that the rest of the look works with, and remembers it for that. A user's or database's own
 * `synchronous_commit` must not make the write probe's commit less than durable.
 */
export async function openWorkSession(
  look: Look,
  role: 'application' | 'superuser',
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Answer<Session>> {
  const { latency, write } = look.settings.timeoutMs
  const request = {
    role,
    timeoutMs,
    longestStatementMs: Math.max(latency, write),
    purpose: 'probe',
    settings: { synchronous_commit: 'on' },
  }
  const opened = await look.outside.postgres.open(request, signal)
  if (!opened.ok) return opened
  if (signal.aborted) await opened.value.close()
  else look.memory.applicationSession = opened.value
  return opened
}

/** A session that broke is of no use to the probes after this one. */
export async function dropWorkSession(look: Look): Promise<void> {
  const session = look.memory.applicationSession
  look.memory.applicationSession = undefined
  await session?.close()
}
