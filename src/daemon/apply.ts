import { decide, type Decision } from '../core/decide.ts'
import type { Effect } from '../core/effect.ts'
import type { Event } from '../core/event.ts'
import type { State } from '../core/state.ts'
import { OutsideError } from '../ports/outside-error.ts'
import { carryOut } from './effects.ts'
import { incidentIdFor } from './incident-id.ts'
import { instantOf } from './instant-of.ts'
import { layIntent } from './lay-intent.ts'
import { logDecision } from './log-decision.ts'
import { tellStateNotSaved } from './tell.ts'
import type { Watch } from './watch.ts'

/** What may not be done when the state cannot be made durable. */
const ACTS: readonly Effect[] = ['start-recovery', 'resume-recovery']

/** One event through the brain: decide, write the intent and the state, then act. In this order, always, and one event after the other. */
export function apply(watch: Watch, event: Event): Promise<Decision> {
  const applied = watch.applying.then(() => applyNow(watch, event))
  watch.applying = applied.then(
    () => undefined,
    () => undefined,
  )
  return applied
}

async function applyNow(watch: Watch, event: Event): Promise<Decision> {
  const wanted = decideNow(watch, event)
  await layIntent(watch, wanted)
  const decision = (await persist(watch, wanted.state)) ? wanted : withoutAct(wanted)
  watch.state = decision.state
  watch.changed()
  logDecision(watch, decision)
  for (const effect of decision.effects) await carryOut(effect, watch, decision)
  await settle(watch)
  return decision
}

/** Takes back what was owed: it is carried out. */
export async function settle(watch: Watch): Promise<void> {
  if (watch.state.owed === null) return
  watch.state = { ...watch.state, owed: null }
  await persist(watch, watch.state)
}

function decideNow(watch: Watch, event: Event): Decision {
  const now = instantOf(watch.outside.clock)
  const cause = ('assessment' in event ? event.assessment.cause : undefined) ?? 'unclear'
  const freshIncidentId = incidentIdFor(watch.cluster.name, cause, now.wallMs, watch.outside.random)
  return decide(watch.state, event, { now, limits: watch.settings.limits, freshIncidentId })
}

/** A recovery whose count is not on disk does not begin; what is known of the trouble stays known. */
function withoutAct(decision: Decision): Decision {
  const { before, state, effects, why } = decision
  if (!effects.some((effect) => ACTS.includes(effect))) return decision
  const { attempts, remedies, plan, incidentAttempts, told, modeSince, owed } = before
  const mode = before.mode === 'healthy' ? 'suspect' : before.mode
  return {
    ...decision,
    state: { ...state, mode, modeSince, attempts, remedies, plan, incidentAttempts, told, owed },
    effects: effects.filter((effect) => !ACTS.includes(effect)),
    why: `${why}, but nothing is done while the state cannot be saved`,
  }
}

async function persist(watch: Watch, state: State): Promise<boolean> {
  try {
    await watch.stateFile.save(state)
    watch.stateSaved = true
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    watch.stateSaved = false
    await tellStateNotSaved(watch, error)
  }
  return watch.stateSaved
}
