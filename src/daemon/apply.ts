import { decide, type Decision } from '../core/decide.ts'
import type { Effect } from '../core/effect.ts'
import type { Event } from '../core/event.ts'
import { OutsideError } from '../ports/outside-error.ts'
import { carryOut } from './effects.ts'
import { incidentIdFor } from './incident-id.ts'
import { instantOf } from './instant-of.ts'
import { logDecision } from './log-decision.ts'
import { tellStateNotSaved } from './tell.ts'
import type { Watch } from './watch.ts'

/** What may still be done when the state cannot be made durable. */
const HARMLESS: readonly Effect[] = [
  'open-incident',
  'close-incident',
  'alert-person-needed',
  'alert-waiting',
  'alert-operator-stopped',
  'alert-recovered',
  'alert-recovered-without-us',
  'alert-exhausted',
]

/** One event through the brain: decide, write the state, then act. In this order, always, and one event after the other. */
export function apply(watch: Watch, event: Event): Promise<Decision> {
  const applied = watch.applying.then(() => applyNow(watch, event))
  watch.applying = applied.then(
    () => undefined,
    () => undefined,
  )
  return applied
}

async function applyNow(watch: Watch, event: Event): Promise<Decision> {
  const decision = decideNow(watch, event)
  const saved = await persist(watch, decision)
  const effects = saved ? decision.effects : decision.effects.filter((effect) => HARMLESS.includes(effect))
  watch.state = saved ? decision.state : withoutAct(decision)
  logDecision(watch, decision)
  for (const effect of effects) await carryOut(effect, watch, decision)
  return decision
}

function decideNow(watch: Watch, event: Event): Decision {
  const now = instantOf(watch.outside.clock)
  const cause = ('assessment' in event ? event.assessment.cause : undefined) ?? 'unclear'
  const freshIncidentId = incidentIdFor(watch.cluster.name, cause, now.wallMs, watch.outside.random)
  return decide(watch.state, event, { now, limits: watch.settings.limits, freshIncidentId })
}

/** A recovery whose count is not on disk does not begin. */
function withoutAct(decision: Decision): Decision['state'] {
  const acts = decision.effects.some((effect) => !HARMLESS.includes(effect))
  return acts ? { ...decision.before, failuresInRow: decision.state.failuresInRow } : decision.state
}

async function persist(watch: Watch, decision: Decision): Promise<boolean> {
  try {
    await watch.stateFile.save(decision.state)
    watch.stateSaved = true
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    watch.stateSaved = false
    await tellStateNotSaved(watch, error)
  }
  return watch.stateSaved
}
