import type { Instant } from '../core/instant.ts'
import type { Clock } from '../ports/clock.ts'

/** Now, in the form that survives a reboot. */
export function instantOf(clock: Clock): Instant {
  return { bootId: clock.bootId, monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() }
}
