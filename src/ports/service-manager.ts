/** The state of the cluster's service, in systemd's words. For `pg_ctl` it is derived from processes. */
export interface ServiceStatus {
  readonly state: 'active' | 'activating' | 'deactivating' | 'inactive' | 'failed' | 'unknown'
  /** systemd's `Result` (`success`, `signal`, `protocol`, …); empty for pg_ctl. */
  readonly result: string
  /** systemd's `MainPID`; 0 when none or unknown. */
  readonly mainPid: number
  /** A job that is queued for the unit (`start`, `stop`, `restart`); empty when none. */
  readonly job: string
  /** Whether the service manager itself would start it again (`Restart=` is not `no`). */
  readonly restartsByItself: boolean
  /** What was looked at, for people: `postgresql@15-main.service`, or the data directory. */
  readonly object: string
}

export interface ServiceOutcome {
  readonly ok: boolean
  /** What happened, for people; on failure with what the service manager said. */
  readonly detail: string
  /** True when the deadline ended the wait: the job itself goes on. */
  readonly timedOut: boolean
}

export type StopMode = 'smart' | 'fast' | 'immediate'

/**
 * The one that owns the server process. Outcomes are what the manager says, never proof: a start that "failed"
 * may still be recovering, a stop that "succeeded" may have left processes. Steps prove by looking.
 */
export interface ServiceManager {
  readonly kind: 'systemd' | 'pg_ctl'
  /** Without forking a process in steady state. Never rejects: an unanswered question is state `unknown`. */
  status(signal?: AbortSignal): Promise<ServiceStatus>
  /** Asks for a start and returns when the request was accepted; it does not wait for the server. */
  start(timeoutMs: number, signal?: AbortSignal): Promise<ServiceOutcome>
  /**
   * Asks for a stop. systemd: `systemctl stop` for `fast` (the unit's own way); `smart` and `immediate` signal the
   * postmaster (SIGTERM, SIGQUIT) through the manager.
   */
  stop(mode: StopMode, timeoutMs: number, signal?: AbortSignal): Promise<ServiceOutcome>
  /** SIGKILL to every process of the service (whole control group), never to the postmaster alone. */
  killAll(timeoutMs: number, signal?: AbortSignal): Promise<ServiceOutcome>
  /** `reset-failed`; nothing for pg_ctl. */
  clearFailure(timeoutMs: number, signal?: AbortSignal): Promise<ServiceOutcome>
  /** Keeps everybody from starting the service until `release` (hold file; nothing outlives a reboot). Idempotent. */
  hold(): Promise<void>
  release(): Promise<void>
  /** Calls `listener` when the service's state changes; the result stops it. */
  watch(listener: () => void): () => void
  close(): Promise<void>
}
