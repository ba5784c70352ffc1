import type { Cause, Command } from './cause.ts'

/** Something that keeps a server that is down from being started, or would make a start lose what is there. */
export interface Hindrance {
  readonly cause: Extract<Cause, 'unstartable' | 'wal-damaged' | 'disk-faulty'>
  /** The file or directory that it lies in. */
  readonly place: string
  /** What is wrong with it; a clause without a full stop. */
  readonly sentence: string
  /** Each a plain sentence: why it is believed, and what follows from it. */
  readonly evidence: readonly string[]
  /** What a person would run, most useful first. */
  readonly commands: readonly Command[]
  /** Set where only one thing can be meant, and doing it loses nothing: the one thing that mends it. */
  readonly mend?: Mend
}

/** What a remedy does about a hindrance, to its place. */
export type Mend =
  | { readonly kind: 'set-mode'; readonly mode: number }
  | { readonly kind: 'make-directory'; readonly mode: number }
  /** What is there, if anything, is moved away first. */
  | { readonly kind: 'write-file'; readonly content: string; readonly mode: number }
