import type { Clock } from '../../ports/clock.ts'

/**
 * Asks `done` at once and then every `intervalMs` until it holds; false when `timeoutMs` passed first or `signal` aborted.
 */
export async function pollUntil(
  clock: Clock,
  limits: { readonly timeoutMs: number; readonly intervalMs: number },
  signal: AbortSignal,
  done: () => Promise<boolean> | boolean,
): Promise<boolean> {
  const deadlineMs = clock.monotonicMs() + limits.timeoutMs
  for (;;) {
    if (await done()) return true
    if (signal.aborted || clock.monotonicMs() >= deadlineMs) return false
    await clock.sleep(limits.intervalMs, signal)
  }
}
