import type { Facts } from '../../core/facts.ts'
import type { Readings } from '../../core/reading.ts'
import type { SessionPolicy } from '../../core/sessions/session.ts'
import type { Clock } from '../../ports/clock.ts'
import type { SessionSurvey } from '../sessions/survey.ts'
import { unlessUnavailable } from './bounded.ts'

/** A login and a few queries, each with a deadline of its own: one that is broken off costs the session that is held. */
const TIMEOUT_MS = 8_000
const SLOTS_TAKEN = '53300'

/** What facts about sessions are looked up by: what the readings call for, unless the configuration forbids it. */
export interface SessionsToLookAt {
  readonly readings: Readings
  readonly survey: SessionSurvey
  readonly policies: { readonly sessions: SessionPolicy }
}

export async function lookAtSessions(
  { readings, survey, policies }: SessionsToLookAt,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<Pick<Facts, 'crowd'>> {
  const isCrowded = Object.values(readings).some(({ evidence }) => evidence['sqlState'] === SLOTS_TAKEN)
  return { crowd: isCrowded && policies.sessions.policy !== 'off' ? await lookAtCrowd(survey, clock, signal) : { status: 'none' } }
}

async function lookAtCrowd(survey: SessionSurvey, clock: Clock, signal: AbortSignal | undefined): Promise<Facts['crowd']> {
  const value = await unlessUnavailable(clock, signal, (deadline) => survey.crowd(deadline), TIMEOUT_MS)
  return value === undefined ? { status: 'unknown', why: 'the server did not tell in time' } : { status: 'found', value }
}
