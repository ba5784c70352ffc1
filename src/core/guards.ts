import { budgetOf, planOf } from './budget.ts'
import type { Event } from './event.ts'
import type { Instant } from './instant.ts'
import { elapsedMs } from './instant.ts'
import type { Limits } from './limits.ts'
import { cooldownMs } from './limits.ts'
import type { Budget, State } from './state.ts'

/** What a guard may look at: the state with the event already counted. */
export interface GuardView {
  readonly state: State
  readonly event: Event
  readonly now: Instant
  readonly limits: Limits
}

type Guard = (view: GuardView) => boolean

const confirmed: Guard = ({ state, limits }) => state.failuresInRow >= limits.failures
const observing: Guard = ({ limits }) => limits.mode === 'observe'
const cooling: Guard = (view) => {
  const { fruitlessInRow, lastFruitlessAt } = budget(view)
  return lastFruitlessAt !== null && elapsedMs(lastFruitlessAt, view.now) < cooldownMs(view.limits, fruitlessInRow)
}
const spent: Guard = (view) => budget(view).attempts.length >= view.limits.attempts
const isShortOfRestart: Guard = ({ state, event }) => planOf(state, event) === 'remedies'
/** A cause may allow fewer attempts than configured; when they are spent it is a person's, and other causes are not. */
const spentForCause: Guard = ({ state, event }) => state.causeAttempts >= attemptsAtMost(event)
const graceOver: Guard = ({ state, now, limits }) =>
  limits.operatorStop.action === 'recover' && state.graceSince !== null && elapsedMs(state.graceSince, now) >= limits.operatorStop.graceMs

function budget({ state, event }: GuardView): Budget {
  return budgetOf(state, planOf(state, event))
}

function attemptsAtMost(event: Event): number {
  return ('assessment' in event ? event.assessment.attemptsAtMost : undefined) ?? Number.POSITIVE_INFINITY
}

/** Every condition that a row of the table may carry, by the name it has in the table and in the manual. */
export const GUARDS = {
  confirmed,
  'confirmed, but only observing': (view) => confirmed(view) && observing(view),
  'confirmed, but its remedies are spent': (view) => confirmed(view) && isShortOfRestart(view) && spent(view),
  'confirmed, but attempts are spent': (view) => confirmed(view) && spent(view),
  'confirmed, but its cause allows no further attempt': (view) => confirmed(view) && spentForCause(view),
  'confirmed, but cooling down': (view) => confirmed(view) && cooling(view),
  'grace is over': graceOver,
  'grace is over, but only observing': (view) => graceOver(view) && observing(view),
  'grace is over, but attempts are spent': (view) => graceOver(view) && spent(view),
  'grace is over, but cooling down': (view) => graceOver(view) && cooling(view),
  'attempts are spent': (view) => !isShortOfRestart(view) && spent(view),
  'a person was told': ({ state }) => state.told,
  'there is no room': ({ state }) => state.cause === 'disk-full',
  'it takes long': ({ state, now, limits }) => state.causeSince !== null && elapsedMs(state.causeSince, now) >= limits.waitAlertMs,
  'a pause is set': ({ state }) => state.pause !== null,
} as const satisfies Record<string, Guard>

export type GuardName = keyof typeof GUARDS
