import type { Cluster } from '../core/cluster.ts'
import type { ProbeName, Reading } from '../core/reading.ts'
import type { Outside } from '../ports/outside.ts'
import type { Session } from '../ports/postgres.ts'
import type { Volume } from './volume.ts'

/** The part of the configuration that probes read; the same shape as `config.probes`. */
export interface ProbeSettings {
  readonly timeoutMs: Readonly<Record<ProbeName, number>>
  readonly latencyLimitMs: number
  /** How often the write probe writes while the cluster is healthy. */
  readonly writeIntervalMs: number
  readonly disk: {
    readonly warnRatio: number
    readonly failRatio: number
    /** What will be full within this time is warned of. */
    readonly horizonMs: number
  }
}

/** One look at one cluster, passed to each of its probes in the order of the list. */
export interface Look {
  readonly cluster: Cluster
  readonly settings: ProbeSettings
  readonly outside: Outside
  /** True while something is wrong: interval-bound probes run at once. */
  readonly urgent: boolean
  /** Readings of the probes before this one, for a missing ground. */
  readonly before: Partial<Readonly<Record<ProbeName, Reading>>>
  /** What a probe keeps between looks (held session, last write); one object per cluster, lost on restart. */
  readonly memory: ProbeMemory
}

/** Volatile memory of one cluster's probes. */
export interface ProbeMemory {
  heldSession: Session | undefined
  /** The held session has ended by itself since the last look. */
  heldSessionLost: boolean
  /** The postmaster as last proven, so that steady state looks at one process only. */
  postmaster: { readonly pid: number; readonly startTimeTicks: number } | undefined
  /** Called when the held session ends by itself; wakes the tick. */
  onHeldSessionEnd: () => void
  /** A fresh application session opened by `authentication`, used by `latency` and `write`, closed at the end of the look. */
  applicationSession: Session | undefined
  lastWrite: { readonly monotonicMs: number; readonly reading: Reading } | undefined
  /** `checksum_failures` over all databases as last read; `undefined` before the first reading. */
  checksumFailures: number | undefined
  /** Processes of the cluster that were stopped when last looked at. */
  stoppedProcesses: { readonly monotonicMs: number; readonly names: readonly string[] } | undefined
  /** Up to where the server last said that its WAL is on disk; `undefined` when it did not, or recovers. */
  flushedLsn: string | undefined
  /** The file systems that the server writes to, as last found; `undefined` when not all could be looked at. */
  volumes: { readonly monotonicMs: number; readonly volumes: readonly Volume[]; readonly segmentBytes: number | undefined } | undefined
}

/** One question to the world. Changes nothing, except the write probe's own ring. */
export interface Probe {
  /** The file's name. */
  readonly name: ProbeName
  /** One sentence that ends in a question mark. */
  readonly question: string
  /**
   * Answers within its timeout, which `signal` enforces. A rejection is a bug and becomes `unknown`; every expected
   * failure is a reading.
   */
  look(look: Look, signal: AbortSignal): Promise<Reading>
}
