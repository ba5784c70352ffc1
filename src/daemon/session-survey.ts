import type { SessionSurvey } from '../probes/sessions/survey.ts'
import { createSessionSurvey } from '../probes/sessions/survey.ts'
import type { Watch } from './watch.ts'

/** Looks at the sessions of a watched cluster; with the session that its probes hold when no other can be had. */
export function surveyOf(watch: Watch): SessionSurvey {
  return createSessionSurvey({
    cluster: watch.cluster,
    outside: watch.outside,
    login: watch.login,
    held: () => watch.probeMemory.heldSession,
    settings: () => watch.settings.recovery,
  })
}
