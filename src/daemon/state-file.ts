import { type Instant } from '../core/instant.ts'
import { createState, MODES, type State } from '../core/state.ts'
import type { SlotFile } from './slot-file.ts'

/** One cluster's state on disk. */
export interface StateFile {
  /** `undefined` when there is none, or none that can be believed. */
  load(): Promise<State | undefined>
  /** Durable when it resolves; rejects with `OutsideError`. */
  save(state: State): Promise<void>
}

export function createStateFile(slots: SlotFile): StateFile {
  let saved: string | undefined
  return {
    async load() {
      const text = await slots.load()
      const state = text === undefined ? undefined : parseState(text)
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

/** Validates what was read: a member that is missing or of another type makes the whole untrusted. */
export function parseState(text: string): State | undefined {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null) return undefined
  const state = value as State
  const template = createState({ bootId: '', monotonicMs: 0, wallMs: 0 })
  const complete = Object.keys(template).every((key) => key in state)
  return complete && isValid(state) ? state : undefined
}

function isValid(state: State): boolean {
  return (
    (state.version as number) === 1 &&
    MODES.includes(state.mode) &&
    isInstant(state.modeSince) &&
    isCount(state.failuresInRow) &&
    isCount(state.fruitlessInRow) &&
    isCount(state.incidentAttempts) &&
    Array.isArray(state.attempts) &&
    state.attempts.every(isInstant) &&
    [state.causeSince, state.lastFruitlessAt, state.incidentSince, state.downSince, state.graceSince].every(
      (instant) => instant === null || isInstant(instant),
    ) &&
    (state.pause === null || isInstant(state.pause.since)) &&
    (state.incidentId === null || typeof state.incidentId === 'string')
  )
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
