import type { Facts, Finding } from '../../core/facts.ts'
import type { Readings } from '../../core/reading.ts'
import { waitsForLock } from '../../core/sessions/lock-wait.ts'
import type { Clock } from '../../ports/clock.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import type { SessionPolicies, SessionSurvey } from '../sessions/survey.ts'

/** A login and a few queries, each with a deadline of its own: one that is broken off costs the session that is held. */
const TIMEOUT_MS = 8_000
const SLOTS_TAKEN = '53300'
const LATE = ['timeout', 'too-slow']

/** What facts about sessions are looked up by: what the readings call for, unless the configuration forbids it. */
export interface SessionsToLookAt {
  readonly readings: Readings
  readonly survey: SessionSurvey
  readonly policies: SessionPolicies
}

export async function lookAtSessions(
  { readings, survey, policies: { sessions, blockers } }: SessionsToLookAt,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<Pick<Facts, 'crowd' | 'conflicts'>> {
  const isCrowded = Object.values(readings).some(({ evidence }) => evidence['sqlState'] === SLOTS_TAKEN)
  const isLate = Object.values(readings).some(({ verdict, reason = '' }) => verdict === 'fail' && LATE.includes(reason))
  const looksAtLocks = blockers.policy !== 'off' && (isLate || waitsForLock(readings, blockers))
  return {
    crowd: isCrowded && sessions.policy !== 'off' ? await look((deadline) => survey.crowd(deadline), clock, signal) : { status: 'none' },
    conflicts: looksAtLocks ? await look((deadline) => survey.conflicts(deadline), clock, signal) : { status: 'none' },
  }
}

async function look<T>(ask: (signal: AbortSignal) => Promise<T>, clock: Clock, signal: AbortSignal | undefined): Promise<Finding<T>> {
  try {
    const timed = await clock.withDeadline(TIMEOUT_MS, signal, ask)
    return timed.timedOut ? { status: 'unknown', why: 'the server did not tell in time' } : { status: 'found', value: timed.value }
  } catch (error) {
    if (error instanceof OutsideError) return { status: 'unknown', why: error.message }
    throw error
  }
}
