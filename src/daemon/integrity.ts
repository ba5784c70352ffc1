import type { Assessment } from '../core/cause.ts'

/** The check of a cluster's files while it runs. */
export interface Integrity {
  /** Checksum failures that a check has answered; after a restart of pgwatchd none are, so that a check that was cut short is made again. */
  answered: number
  /** The check under way. */
  checking: Promise<void> | undefined
  /** What the last one came to, until it is told. */
  result: Assessment['warnings']
  /** Aborts with the watch. */
  readonly ending: AbortController
}

export function createIntegrity(): Integrity {
  return { answered: 0, checking: undefined, result: [], ending: new AbortController() }
}
