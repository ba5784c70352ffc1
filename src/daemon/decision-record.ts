import type { Assessment } from '../core/cause.ts'
import type { Decision } from '../core/decide.ts'
import type { Effect } from '../core/effect.ts'
import type { Mode } from '../core/state.ts'

/** A decision that changed something, as `why` tells it. */
export interface DecisionRecord {
  readonly wallMs: number
  readonly was: Mode
  readonly mode: Mode
  /** The reason of the row that decided. */
  readonly why: string
  readonly event: string
  readonly effects: readonly Effect[]
  /** What the readings meant; `null` for an event that needs none, such as the end of a recovery. */
  readonly assessment: Assessment | null
  readonly incidentId: string | null
}

export function recordOf({ before, state, event, effects, why }: Decision, wallMs: number): DecisionRecord {
  return {
    wallMs,
    was: before.mode,
    mode: state.mode,
    why,
    event: event.type,
    effects,
    assessment: 'assessment' in event ? event.assessment : null,
    incidentId: state.incidentId ?? before.incidentId,
  }
}

/** Whether something was decided at all: most ticks find everything as it was. */
export function isNotable({ before, state, effects }: Decision): boolean {
  return before.mode !== state.mode || before.cause !== state.cause || effects.some((effect) => effect !== 'open-incident')
}
