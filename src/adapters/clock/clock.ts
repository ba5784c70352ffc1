import { readFileSync } from 'node:fs'
import type { Clock } from '../../ports/clock.ts'
import { createWithDeadline } from './deadline.ts'

/** The longest delay that Node's timers accept; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The machine's clock. Rejects nothing; throws only when `/proc` is not mounted. */
export function createClock(): Clock {
  return {
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    monotonicMs,
    wallMs: () => Date.now(),
    sleep,
    after: (durationMs, listener) => arm(durationMs, listener, { keepsAlive: false }),
    withDeadline: createWithDeadline((durationMs, listener) => arm(durationMs, listener, { keepsAlive: true })),
  }
}

/** `process.hrtime` is CLOCK_MONOTONIC on Linux. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}

/** Arms a timer of any length that never fires early; the result disarms it. */
function arm(durationMs: number, listener: () => void, options: { readonly keepsAlive: boolean }): () => void {
  const dueMs = monotonicMs() + durationMs
  let timer: NodeJS.Timeout
  const set = (): void => {
    const leftMs = Math.ceil(dueMs - monotonicMs())
    timer = setTimeout(leftMs > LONGEST_TIMER_MS ? set : fire, Math.min(Math.max(leftMs, 0), LONGEST_TIMER_MS))
    if (!options.keepsAlive) timer.unref()
  }
  const fire = (): void => (monotonicMs() < dueMs ? set() : listener())
  set()
  // Node keeps the place of a timer that was not to keep the process alive, and wakes the process for it when it is due.
  return () => clearTimeout(timer.ref())
}

function sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const wake = (): void => {
      disarm()
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    const disarm = arm(durationMs, wake, { keepsAlive: true })
    signal?.addEventListener('abort', wake, { once: true })
  })
}
