export const PROBE_NAMES = ['service', 'connection', 'authentication', 'latency', 'disk', 'write'] as const
export type ProbeName = (typeof PROBE_NAMES)[number]

export type Verdict = 'pass' | 'warn' | 'fail' | 'unknown'

/** Why a probe did not pass, as a stable word that causes are told by. */
export type Reason =
  | 'timeout'
  /** The postmaster was stopped by a signal (process state T): it can answer nobody. */
  | 'suspended'
  /** Another process of the server was: it does no work until it is let go on. */
  | 'process-stopped'
  /** No postmaster process. */
  | 'no-postmaster'
  /** The service is failed, inactive or on its way. */
  | 'service-not-active'
  /** Socket missing or connection refused: nothing listens. */
  | 'not-listening'
  /** The server answered with an error: `sqlState` is in the evidence. */
  | 'rejected'
  /** The held session ended, or a connection broke in the middle. */
  | 'connection-lost'
  | 'unreachable'
  | 'too-slow'
  | 'wrong-answer'
  | 'in-recovery'
  | 'almost-full'
  | 'full'
  /** Less room than the server needs to go on working. */
  | 'no-room'
  /** The probe's ground is missing (verdict `unknown`): no server, nothing configured, not yet due. */
  | 'no-ground'
  | 'not-set-up'

export type EvidenceValue = string | number | boolean | null
export type Evidence = Readonly<Record<string, EvidenceValue>>

/** A probe's answer. */
export interface Reading {
  readonly probe: ProbeName
  readonly verdict: Verdict
  /** One plain sentence without a full stop: "logged in as app in 4 ms". */
  readonly detail: string
  /** Set unless the verdict is `pass`. */
  readonly reason?: Reason
  /** Facts for machines; `sqlState` and `sqlMessage` whenever the server said so. */
  readonly evidence: Evidence
  readonly tookMs: number
}

export type Readings = Readonly<Record<ProbeName, Reading>>
