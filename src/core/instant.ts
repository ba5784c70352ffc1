/** A moment that survives a restart of the daemon and a reboot. */
export interface Instant {
  readonly bootId: string
  readonly monotonicMs: number
  readonly wallMs: number
}

/**
 * Milliseconds from `earlier` to `later`, never negative. Within one boot the monotonic clock tells;
 * across a reboot only the wall clock can.
 */
export function elapsedMs(earlier: Instant, later: Instant): number {
  const difference = earlier.bootId === later.bootId ? later.monotonicMs - earlier.monotonicMs : later.wallMs - earlier.wallMs
  return Math.max(0, difference)
}

/** The instant `durationMs` after `from`. */
export function after(from: Instant, durationMs: number): Instant {
  return { bootId: from.bootId, monotonicMs: from.monotonicMs + durationMs, wallMs: from.wallMs + durationMs }
}
