import type { Decision } from '../core/decide.ts'
import type { Mode } from '../core/state.ts'
import type { LogLevel } from '../ports/log.ts'
import { isNotable, recordOf } from './decision-record.ts'
import type { Watch } from './watch.ts'

const LEVELS: Readonly<Record<Mode, LogLevel>> = {
  healthy: 'notice',
  suspect: 'warning',
  waiting: 'warning',
  recovering: 'err',
  exhausted: 'crit',
  paused: 'notice',
}

/** One line when something changed; silence otherwise. */
export function logDecision(watch: Watch, decision: Decision): void {
  const { before, state, event, why } = decision
  const verdict = 'assessment' in event ? event.assessment.verdict : ''
  if (isNotable(decision)) watch.decided = recordOf(decision, watch.outside.clock.wallMs())
  watch.sentence = verdict === '' ? why : `${verdict}. ${why}`
  const changed = before.mode !== state.mode || (before.cause !== state.cause && state.cause !== null)
  if (!changed) return
  watch.outside.log.write({
    level: LEVELS[state.mode],
    event: `mode-${state.mode}`,
    message: `${watch.cluster.name}: ${watch.sentence}`,
    cluster: watch.cluster.name,
    ...((state.incidentId ?? before.incidentId) === null ? {} : { incident: state.incidentId ?? before.incidentId ?? '' }),
    fields: {
      mode: state.mode,
      was: before.mode,
      cause: state.cause,
      failures: state.failuresInRow,
      attempts: state.attempts.length,
      ...('assessment' in event ? { evidence: event.assessment.evidence.join('; ') } : {}),
    },
  })
}
