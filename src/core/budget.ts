import type { Plan } from './cause.ts'
import type { Event } from './event.ts'
import type { Budget, State } from './state.ts'

/**
 * Remedies short of a restart have a budget of their own: a crash must find its attempts unspent, and not cooling down, whatever was
 * done about sessions before.
 */
export function budgetOf(state: State, plan: Plan | null): Budget {
  const { attempts, fruitlessInRow, lastFruitlessAt, remedies } = state
  return hasOwnBudget(plan) ? remedies : { attempts, fruitlessInRow, lastFruitlessAt }
}

/** What an operator asks for is no attempt at a crash either. */
function hasOwnBudget(plan: Plan | null): boolean {
  return plan === 'remedies' || plan === 'restore-cluster' || plan === 'restore-database'
}

/** The state with the budget of that plan replaced. */
export function withBudget(state: State, plan: Plan | null, budget: Budget): State {
  return hasOwnBudget(plan) ? { ...state, remedies: budget } : { ...state, ...budget }
}

/** The state with each of its budgets changed alike. */
export function mapBudgets(state: State, change: (budget: Budget) => Budget): State {
  return withBudget(withBudget(state, null, change(budgetOf(state, null))), 'remedies', change(state.remedies))
}

/** The plan that an event asks for; of an event that ends a recovery: that recovery's. */
export function planOf(state: State, event: Event): Plan | null {
  return 'assessment' in event ? (event.assessment.plan ?? null) : state.plan
}
