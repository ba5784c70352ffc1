import type { Cause, Command } from './cause.ts'

/** Something that keeps a server that is down from being started, or would make a start lose what is there. */
export interface Hindrance {
  readonly cause: Extract<Cause, 'unstartable' | 'configuration-broken' | 'wal-damaged'>
  /** The file, directory or other thing that it lies in. */
  readonly place: string
  /** What is wrong with it; a clause without a full stop. */
  readonly sentence: string
  /** Each a plain sentence: why it is believed, and what follows from it. */
  readonly evidence: readonly string[]
  /** Whether a remedy mends it, because that is safe and only one thing can be meant. */
  readonly isMendable: boolean
  /** What a person would run, most useful first. */
  readonly commands: readonly Command[]
}
