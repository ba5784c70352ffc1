import type { Cause } from './cause.ts'
import type { TimelineEntry } from './alert.ts'

/** From the first failed tick to the first healthy one. Kept as `incident.json` in its folder. */
export interface Incident {
  readonly version: 1
  /** `20261121T014412Z-15-main-crashed-3f2a` */
  readonly id: string
  readonly cluster: string
  readonly cause: Cause
  readonly openedAtWallMs: number
  readonly closedAtWallMs: number | undefined
  readonly verdict: string
  readonly evidence: readonly string[]
  readonly ruledOut: readonly string[]
  readonly attempts: number
  readonly downtimeMs: number | undefined
  /** How it ended: `recovered`, `recovered-without-us`, `recovered-by-itself`, `false-alarm`, `paused`; empty while open. */
  readonly outcome: string
  /** Bounded: the first 50 and the last 150 entries. */
  readonly timeline: readonly TimelineEntry[]
}
