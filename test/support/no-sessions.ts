import { PROBE_NAMES, type Readings } from '../../src/core/reading.ts'
import type { Outside } from '../../src/ports/outside.ts'
import type { SessionsToLookAt } from '../../src/probes/facts/sessions.ts'
import { createSessionSurvey } from '../../src/probes/sessions/survey.ts'
import { SETTINGS } from '../recovery/settings.ts'

/** Readings that call for no look at sessions. */
export function noSessions(outside: Outside): SessionsToLookAt {
  const readings = PROBE_NAMES.map((probe) => [probe, { probe, verdict: 'pass', detail: '', evidence: {}, tookMs: 1 }])
  const ground = {
    cluster: { dataDirectory: '/data', majorVersion: 15 },
    outside,
    login: undefined,
    held: () => undefined,
    settings: () => SETTINGS,
  }
  return { readings: Object.fromEntries(readings) as Readings, survey: createSessionSurvey(ground), policies: SETTINGS }
}
