import type { Assessment } from '../core/cause.ts'

/** What was foretold from the last sample. */
export interface Foretold {
  readonly atMonotonicMs: number
  readonly warnings: Assessment['warnings']
  /** The file systems that will be full within the horizon. */
  readonly devices: ReadonlySet<number>
}

export const NOTHING_FORETOLD: Foretold = { atMonotonicMs: -1, warnings: [], devices: new Set() }
