import type { Command, Plan, Response } from '../cause.ts'
import type { Cause } from '../cause.ts'
import type { Facts } from '../facts.ts'
import type { Reading, Readings } from '../reading.ts'

/** What a diagnosis may look at. */
export interface View {
  readonly readings: Readings
  readonly facts: Facts
  /** Readings with verdict `fail`; of `disk` only that the server has no room (one that fills up is a warning). */
  readonly failed: readonly Reading[]
}

/** A cause that fits, with what is to be done. */
export interface Found {
  readonly cause: Cause
  readonly response: Exclude<Response, 'none'>
  readonly plan?: Plan
  /** Default `suspected`: confirmed by repetition. */
  readonly strength?: 'proven' | 'suspected'
  readonly verdict: string
  readonly evidence: readonly string[]
  readonly attemptsAtMost?: number
  /** Whether the application is served all the same; default: as the cause usually means. */
  readonly serving?: boolean
  /** What a person would run, most useful first. */
  readonly commands?: readonly Command[]
  /** What could be done and is not, and why. */
  readonly notDone?: readonly string[]
}

/** One cause, told from the others. Returns why it is not the cause when it is not: one plain clause. */
export interface Diagnosis {
  readonly name: string
  examine(view: View): Found | { readonly ruledOut: string }
}

/** The SQLSTATE that a reading carries; empty when the server said none. */
export function sqlStateOf(reading: Reading): string {
  const state = reading.evidence['sqlState']
  return typeof state === 'string' ? state : ''
}

/** The failed readings whose SQLSTATE starts with one of `prefixes`. */
export function rejectedWith(view: View, prefixes: readonly string[]): readonly Reading[] {
  return view.failed.filter((reading) => prefixes.some((prefix) => sqlStateOf(reading).startsWith(prefix)))
}

/** "connection: 57P03 the database system is starting up" */
export function quote(reading: Reading): string {
  return `${reading.probe}: ${reading.detail}`
}

/** True when no postmaster runs and that was really looked at. */
export function serverIsDown(view: View): boolean {
  const { status } = view.facts.postmaster
  return status === 'absent' || status === 'orphans'
}
