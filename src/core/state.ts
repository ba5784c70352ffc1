import type { Cause, Plan } from './cause.ts'
import type { Effect } from './effect.ts'
import type { EventType } from './event.ts'
import type { Instant } from './instant.ts'

export const MODES = ['healthy', 'suspect', 'waiting', 'recovering', 'exhausted', 'paused'] as const

/** Where a cluster's state machine stands. */
export type Mode = (typeof MODES)[number]

/** What attempts of one kind may still cost. */
export interface Budget {
  /** When each attempt within the window began, oldest first. */
  readonly attempts: readonly Instant[]
  /** Attempts that failed or were held since the cluster was last healthy; the cooldown grows with it. */
  readonly fruitlessInRow: number
  readonly lastFruitlessAt: Instant | null
}

export const UNTOUCHED: Budget = { attempts: [], fruitlessInRow: 0, lastFruitlessAt: null }

/** Everything that one cluster's state machine remembers; written to disk whenever it changes. */
export interface State extends Budget {
  readonly version: 1
  readonly mode: Mode
  readonly modeSince: Instant
  /** The last assessment's cause; `null` when healthy. */
  readonly cause: Cause | null
  /** Since when that has been the cause. */
  readonly causeSince: Instant | null
  /** Attempts begun for that cause in this incident. */
  readonly causeAttempts: number
  readonly failuresInRow: number
  /** The budget of remedies short of a restart; that of all other attempts is the state's own. */
  readonly remedies: Budget
  /** What the recovery under way, or the last one of this incident, is to do. */
  readonly plan: Plan | null
  readonly incidentId: string | null
  readonly incidentSince: Instant | null
  readonly incidentAttempts: number
  /** Whether a person was told anything in this incident: then the end is told as well. */
  readonly told: boolean
  /** First tick of this incident at which the cluster did not serve. */
  readonly downSince: Instant | null
  /** When the operator's stop was noticed (or renewed by work in the data directory). */
  readonly graceSince: Instant | null
  readonly pause: Pause | null
  /** Saved together with the decision and taken back once it is carried out, so that a run that dies in between leaves it to the next. */
  readonly owed: Owed | null
}

export interface Pause {
  readonly since: Instant
  /** `null`: until `resume`. */
  readonly forMs: number | null
  readonly by: string
}

/** Effects that no later tick would bring about by itself, with what the decision knew of them. */
export interface Owed {
  readonly effects: readonly Effect[]
  readonly event: EventType
  readonly why: string
  readonly cause: Cause | null
  readonly incidentId: string | null
  readonly told: boolean
  readonly downSince: Instant | null
}

/** The state of a cluster that was never looked at. */
export function createState(now: Instant): State {
  return {
    version: 1,
    mode: 'healthy',
    modeSince: now,
    cause: null,
    causeSince: null,
    causeAttempts: 0,
    failuresInRow: 0,
    ...UNTOUCHED,
    remedies: UNTOUCHED,
    plan: null,
    incidentId: null,
    incidentSince: null,
    incidentAttempts: 0,
    told: false,
    downSince: null,
    graceSince: null,
    pause: null,
    owed: null,
  }
}
