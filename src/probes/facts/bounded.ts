import type { Clock } from '../../ports/clock.ts'
import { OutsideError } from '../../ports/outside-error.ts'

/** No fact is worth more: what takes longer to look at is not known. */
const TIMEOUT_MS = 1500

/** What `look` finds; `undefined` when it cannot be looked at, or not in time. */
export async function unlessUnavailable<T>(
  clock: Clock,
  signal: AbortSignal | undefined,
  look: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  try {
    const timed = await clock.withDeadline(TIMEOUT_MS, signal, look)
    return timed.timedOut ? undefined : timed.value
  } catch (error) {
    if (error instanceof OutsideError) return undefined
    throw error
  }
}
