import { budgetOf, planOf, withBudget } from './budget.ts'
import { count } from './count.ts'
import { type Effect, isOwed, tellsPerson } from './effect.ts'
import type { Event } from './event.ts'
import { GUARDS } from './guards.ts'
import type { Instant } from './instant.ts'
import type { Limits } from './limits.ts'
import type { Owed, State } from './state.ts'
import { type Row, TRANSITIONS } from './transitions.ts'

export interface Decision {
  readonly before: State
  readonly state: State
  readonly event: Event
  readonly effects: readonly Effect[]
  /** The row's reason. */
  readonly why: string
}

/** What a decision needs to know beyond the state and the event. */
export interface Circumstances {
  readonly now: Instant
  readonly limits: Limits
  /** The id that an incident gets if this decision opens one. */
  readonly freshIncidentId: string
}

/** The whole brain: total and pure. */
export function decide(before: State, event: Event, circumstances: Circumstances): Decision {
  const { now, limits } = circumstances
  const counted = count(before, event, now, limits)
  const row = chooseRow(counted, event, now, limits)
  const effects = row.do ?? []
  const state = enter(counted, row, event, circumstances)
  return { before, state: { ...state, owed: owedFor(state, before, event, row) ?? state.owed }, event, effects, why: row.why }
}

function chooseRow(state: State, event: Event, now: Instant, limits: Limits): Row {
  const view = { state, event, now, limits }
  const rows: readonly (Row & { readonly when?: keyof typeof GUARDS })[] = TRANSITIONS[state.mode][event.type]
  const row = rows.find((candidate) => candidate.when === undefined || GUARDS[candidate.when](view))
  if (row === undefined) throw new Error(`no row answers ${event.type} in ${state.mode}`)
  return row
}

function enter(state: State, row: Row, event: Event, { now, freshIncidentId }: Circumstances): State {
  const moved = row.to === state.mode ? state : { ...state, mode: row.to, modeSince: now }
  const steps = (row.do ?? []).map((effect) => RECORD[effect])
  const recorded = steps.reduce((current, record) => record?.(current, { event, now, freshIncidentId }) ?? current, moved)
  return (row.do ?? []).some(tellsPerson) && recorded.incidentId !== null ? { ...recorded, told: true } : recorded
}

function owedFor(state: State, before: State, { type }: Event, row: Row): Owed | undefined {
  const effects = (row.do ?? []).filter(isOwed)
  if (effects.length === 0) return undefined
  const { told } = before
  const [cause, incidentId] = [state.cause ?? before.cause, state.incidentId ?? before.incidentId]
  return { effects, event: type, why: row.why, cause, incidentId, told, downSince: state.downSince ?? before.downSince }
}

interface Entering {
  readonly event: Event
  readonly now: Instant
  readonly freshIncidentId: string
}

type Recorder = (state: State, entering: Entering) => State

/** What an effect leaves in the state before it is carried out: intent is on disk before the act. */
const RECORD: Partial<Readonly<Record<Effect, Recorder>>> = {
  'open-incident': (state, { now, freshIncidentId }) =>
    state.incidentId === null ? { ...state, incidentId: freshIncidentId, incidentSince: now, incidentAttempts: 0, told: false } : state,
  'start-recovery': (state, entering) => ({
    ...countAttempt(state, entering),
    incidentAttempts: state.incidentAttempts + 1,
    causeAttempts: state.causeAttempts + 1,
  }),
  'close-incident': (state) => ({
    ...state,
    incidentId: null,
    incidentSince: null,
    incidentAttempts: 0,
    told: false,
    downSince: null,
    cause: null,
    causeSince: null,
    causeAttempts: 0,
    plan: null,
  }),
}

function countAttempt(state: State, { event, now }: Entering): State {
  const plan = planOf(state, event)
  const budget = budgetOf(state, plan)
  return { ...withBudget(state, plan, { ...budget, attempts: [...budget.attempts, now] }), plan }
}
