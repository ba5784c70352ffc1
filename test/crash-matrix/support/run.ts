import type { StagePlan } from './stage.ts'
import type { Call } from './trace.ts'

/** Where a daemon is to be killed. */
export type Kill = Pick<Call, 'name' | 'thread' | 'ordinal'>

export interface RunRequest {
  readonly plan: StagePlan
  /** Its name. */
  readonly damage: string
  /** Without it the run is a recording: nothing is killed, and every call that changes something is written down. */
  readonly kill?: Kill
  /** How many attempts must be on record at the end; not looked at unless given. */
  readonly attempts?: number
}

/** What became of one run. */
export interface RunResult {
  /** Of a recording. */
  readonly calls: readonly Call[]
  /** On record at the end. */
  readonly attempts: number
  /** The call that the daemon was killed at; absent when the point was not reached. */
  readonly hit?: { readonly label: string; readonly changes: boolean }
  /** From the start of the daemon that was not killed until it had come to rest; 0 when it never did. */
  readonly convergedMs: number
  /** Rows that were acknowledged and are gone. */
  readonly lost: readonly string[]
  readonly problems: readonly string[]
  /** What the daemons logged, one after the other. */
  readonly log: readonly string[]
}
