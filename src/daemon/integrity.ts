import type { Assessment } from '../core/cause.ts'

/** The check of a cluster's files while it runs. */
export interface Integrity {
  /** Checksum failures that a check has answered; after a restart of pgwatchd none are, so that a check that was cut short is made again. */
  answered: number
  /** The check under way. */
  checking: Promise<void> | undefined
  /** The question to the server under way about what its log names. */
  asking: Promise<void> | undefined
  /** What the last one came to, until it is told. */
  result: Assessment['warnings']
  /** What the server's log said and the server was asked about already; at most 100. */
  readonly asked: Set<string>
  /** Aborts with the watch. */
  readonly ending: AbortController
}

export function createIntegrity(): Integrity {
  return { answered: 0, checking: undefined, asking: undefined, result: [], asked: new Set(), ending: new AbortController() }
}
