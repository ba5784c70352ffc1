/** What became of work that was given a deadline. */
export type Timed<T> = { readonly timedOut: false; readonly value: T } | { readonly timedOut: true }

/** Time. Intervals and deadlines are monotonic; wall time is for display and calendars. */
export interface Clock {
  /** Identity of this boot (`/proc/sys/kernel/random/boot_id`): monotonic readings compare only within one. */
  readonly bootId: string
  /** CLOCK_MONOTONIC in milliseconds: the same for every process of this boot. */
  monotonicMs(): number
  /** Milliseconds since 1970 by the wall clock. */
  wallMs(): number
  /** Resolves after `durationMs`, or as soon as `signal` aborts; never rejects. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>
  /** Calls `listener` once after `durationMs`, without keeping the process alive; the result cancels it. */
  after(durationMs: number, listener: () => void): () => void
  /**
   * Runs `work` with a signal that aborts at the deadline or with `parent`, and returns at the deadline
   * even when `work` ignores its signal. A rejection of `work` before the deadline is passed on.
   */
  withDeadline<T>(timeoutMs: number, parent: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<Timed<T>>
}
