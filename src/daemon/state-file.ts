import { CAUSES, PLAN_NAMES } from '../core/cause.ts'
import { EFFECTS } from '../core/effect.ts'
import { EVENT_TYPES } from '../core/event.ts'
import { type Instant } from '../core/instant.ts'
import { type Budget, createState, MODES, type Owed, type Pause, type State } from '../core/state.ts'
import { isIncidentId } from './incident-files.ts'
import type { SlotFile } from './slot-file.ts'

/** One cluster's state on disk. */
export interface StateFile {
  /** `undefined` when there is none, or none that can be believed. */
  load(): Promise<State | undefined>
  /** Durable when it resolves; rejects with `OutsideError`. */
  save(state: State): Promise<void>
}

export function createStateFile(slots: SlotFile, onDamaged: () => void = () => undefined): StateFile {
  let saved: string | undefined
  return {
    async load() {
      const text = await slots.load()
      const state = text === undefined ? undefined : parseState(text)
      if (text !== undefined && state === undefined) onDamaged()
      saved = state === undefined ? undefined : text
      return state
    },
    async save(state) {
      const text = JSON.stringify(state)
      if (text === saved) return
      saved = undefined
      await slots.save(text)
      saved = text
    },
  }
}

const ALWAYS_THERE = ['version', 'mode', 'modeSince', 'attempts', 'incidentId', 'pause']

/**
 * Validates what was read: a member of another type makes the whole untrusted. One that an older version did not know has
 * its first value, so that an upgrade forgets no pause and no attempt.
 */
export function parseState(text: string): State | undefined {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null) return undefined
  if (!ALWAYS_THERE.every((key) => key in value)) return undefined
  const state: State = { ...createState({ bootId: '', monotonicMs: 0, wallMs: 0 }), ...value }
  return isValid(state) ? state : undefined
}

function isValid(state: State): boolean {
  return (
    (state.version as number) === 1 &&
    MODES.includes(state.mode) &&
    isInstant(state.modeSince) &&
    isCount(state.failuresInRow) &&
    isCount(state.incidentAttempts) &&
    isBudget(state) &&
    isBudget(state.remedies) &&
    (state.plan === null || PLAN_NAMES.includes(state.plan)) &&
    [state.causeSince, state.incidentSince, state.downSince, state.graceSince].every((instant) => instant === null || isInstant(instant)) &&
    (state.cause === null || CAUSES.includes(state.cause)) &&
    (state.pause === null || isPause(state.pause)) &&
    (state.incidentId === null || isIncidentId(state.incidentId)) &&
    (state.owed === null || isOwed(state.owed))
  )
}

function isOwed(owed: Owed): boolean {
  return (
    isArray(owed.effects) &&
    owed.effects.every((effect) => EFFECTS.includes(effect)) &&
    EVENT_TYPES.includes(owed.event) &&
    typeof owed.why === 'string' &&
    (owed.cause === null || CAUSES.includes(owed.cause)) &&
    (owed.incidentId === null || isIncidentId(owed.incidentId)) &&
    (owed.downSince === null || isInstant(owed.downSince))
  )
}

function isBudget(budget: Budget | null): boolean {
  if (budget === null || !Array.isArray(budget.attempts) || !budget.attempts.every(isInstant)) return false
  return isCount(budget.fruitlessInRow) && (budget.lastFruitlessAt === null || isInstant(budget.lastFruitlessAt))
}

function isPause(pause: Pause): boolean {
  return isInstant(pause.since) && (pause.forMs === null || Number.isFinite(pause.forMs))
}

function isArray<T>(value: readonly T[]): boolean {
  return Array.isArray(value)
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0
}

function isInstant(value: unknown): boolean {
  const instant = value as Instant | null
  return typeof instant?.bootId === 'string' && Number.isFinite(instant.monotonicMs) && Number.isFinite(instant.wallMs)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
