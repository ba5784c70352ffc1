import type { Alert } from '../core/alert.ts'
import type { Instant } from '../core/instant.ts'

/** Repeats of one alert that were not sent. */
export interface HeldBack {
  readonly count: number
  /** When the first of them was raised; 0 when there is none. */
  readonly sinceWallMs: number
}

export const NOTHING_HELD_BACK: HeldBack = { count: 0, sinceWallMs: 0 }

/** When one alert was last sent, and what was held back since. */
export interface Repeat {
  readonly sentAt: Instant
  readonly heldBack: HeldBack
}

/** How many alerts of one cluster that may be held back were sent since a moment. */
export interface Burst {
  readonly since: Instant
  readonly sent: number
}

/** What must be remembered between alerts: plain, bounded data that goes into a state file. */
export interface AlertMemory {
  readonly version: 1
  /** By alert; the oldest is forgotten first. */
  readonly repeats: Readonly<Record<string, Repeat>>
  /** By cluster. */
  readonly bursts: Readonly<Record<string, Burst>>
  /** By incident, which is one thread: how many mails went out; the oldest is forgotten first. */
  readonly threads: Readonly<Record<string, number>>
}

export const EMPTY_ALERT_MEMORY: AlertMemory = { version: 1, repeats: {}, bursts: {}, threads: {} }

/** What two alerts share when the later one is a repeat; a higher severity of the same matter is none. */
export function repeatOf(alert: Pick<Alert, 'cluster' | 'incidentId' | 'kind' | 'severity' | 'repeatKey'>): string {
  return [alert.cluster, alert.incidentId, alert.kind, alert.severity, alert.repeatKey].join(' ')
}

/** Adds `key`, or moves it to the end, and forgets from the front: insertion order is the order of age. */
export function withNewest<T>(record: Readonly<Record<string, T>>, key: string, value: T, maximum: number): Readonly<Record<string, T>> {
  const others = Object.entries(record).filter(([name]) => name !== key)
  return Object.fromEntries([...others.slice(-(maximum - 1)), [key, value]])
}

/** The record without `key`. */
export function withoutKey<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key))
}

/** The memory read back from disk; an empty one when it is not of this form. */
export function parseAlertMemory(value: unknown): AlertMemory {
  const memory = value as Partial<AlertMemory> | null | undefined
  const whole = memory?.version === 1 && isRecord(memory.repeats) && isRecord(memory.bursts) && isRecord(memory.threads)
  return whole && Object.values(memory.repeats ?? {}).every(isRepeat) ? (memory as AlertMemory) : EMPTY_ALERT_MEMORY
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isRepeat(value: Partial<Repeat> | null): boolean {
  return typeof value?.sentAt?.wallMs === 'number' && typeof value.heldBack?.count === 'number'
}
