import { budgetOf, mapBudgets, withBudget } from './budget.ts'
import type { Assessment } from './cause.ts'
import { CAUSE_TABLE } from './causes.ts'
import type { Event } from './event.ts'
import type { Instant } from './instant.ts'
import { elapsedMs } from './instant.ts'
import type { Limits } from './limits.ts'
import { type Budget, type State, UNTOUCHED } from './state.ts'

/**
 * The state with the event counted, before any row is chosen: guards read the present. The mode stays.
 */
export function count(before: State, event: Event, now: Instant, limits: Limits): State {
  const isYoung = (begun: Instant): boolean => elapsedMs(begun, now) < limits.windowMs
  const state = mapBudgets(before, (budget) => ({ ...budget, attempts: budget.attempts.filter(isYoung) }))
  switch (event.type) {
    case 'probes-passed':
    case 'recovery-succeeded':
      return { ...mapBudgets(state, refreshed), cause: null, causeSince: null, failuresInRow: 0, graceSince: null }
    case 'healing-observed':
      return { ...found(state, event.assessment, now), failuresInRow: 0, graceSince: renewedGrace(event.assessment, now) }
    case 'operator-stop-observed':
      return { ...found(state, event.assessment, now), failuresInRow: 0, graceSince: state.graceSince ?? now }
    case 'failure-suspected':
    case 'person-needed':
      return { ...found(state, event.assessment, now), failuresInRow: state.failuresInRow + 1, graceSince: null }
    case 'failure-proven':
      return { ...found(state, event.assessment, now), failuresInRow: Math.max(limits.failures, state.failuresInRow + 1), graceSince: null }
    case 'recovery-requested':
      return found(state, event.assessment, now)
    case 'recovery-failed':
      return fruitless(state, now, (attempts) => attempts)
    case 'recovery-held':
      return fruitless(state, now, (attempts) => attempts.slice(0, -1))
    case 'recovery-impossible':
      return state
    case 'operator-paused':
      return { ...state, pause: { since: now, forMs: event.forMs, by: event.by } }
    case 'operator-resumed':
      return {
        ...mapBudgets(state, () => UNTOUCHED),
        pause: null,
        causeAttempts: 0,
        failuresInRow: 0,
        graceSince: null,
      }
    case 'pause-expired':
      return { ...state, pause: null, failuresInRow: 0, graceSince: null }
    case 'daemon-started':
      return state
  }
}

function refreshed({ attempts }: Budget): Budget {
  return { ...UNTOUCHED, attempts }
}

/** The recovery under way has ended without a success: the next one of its kind has to cool down. */
function fruitless(state: State, now: Instant, keep: (attempts: Budget['attempts']) => Budget['attempts']): State {
  const { attempts, fruitlessInRow } = budgetOf(state, state.plan)
  return withBudget(state, state.plan, { attempts: keep(attempts), fruitlessInRow: fruitlessInRow + 1, lastFruitlessAt: now })
}

function found(state: State, assessment: Assessment, now: Instant): State {
  const cause = assessment.cause ?? null
  const down = cause !== null && !(assessment.serving ?? CAUSE_TABLE[cause].serving)
  const same = cause === state.cause
  const causeSince = same ? (state.causeSince ?? now) : now
  return {
    ...state,
    cause,
    causeSince,
    causeAttempts: same ? state.causeAttempts : 0,
    downSince: down ? (state.downSince ?? now) : state.downSince,
  }
}

/** Work in the data directory of a stopped cluster renews the operator's grace; any other healing ends it. */
function renewedGrace(assessment: Assessment, now: Instant): Instant | null {
  return assessment.cause === 'stopped-by-operator' ? now : null
}
