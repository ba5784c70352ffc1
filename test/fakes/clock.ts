import type { Clock } from '../../src/ports/clock.ts'
import { createWithDeadline } from '../../src/adapters/clock/deadline.ts'

interface Timer {
  readonly dueMs: number
  readonly listener: () => void
}

export interface FakeClock extends Clock {
  bootId: string
  /** Moves both clocks on, firing timers in the order of their time; after each, promises settle. */
  advance(durationMs: number): Promise<void>
  /** Lets everything that is waiting for a promise (not for a timer) go on. */
  settle(): Promise<void>
  /** Moves the wall clock only, as an administrator or NTP does. */
  shiftWall(differenceMs: number): void
  /** Timers armed and not yet fired: 0 when nothing leaks. */
  pendingTimers(): number
  /** A new boot: other id, monotonic time from 0, no timers; the wall clock goes on by `offMs`. */
  reboot(offMs?: number): void
}

/**
 * A clock that stands still until it is advanced. It starts at 2026-11-21T00:00:00Z, 1,000 ms after boot. `turns` of the
 * event loop let everything that waits go on; where nothing real is waited for, one is enough.
 */
export function createFakeClock(startWallMs: number = Date.UTC(2026, 10, 21), turns = 5): FakeClock {
  let monotonicMs = 1000
  let wallMs = startWallMs
  let boots = 1
  const timers = new Set<Timer>()

  function after(durationMs: number, listener: () => void): () => void {
    const timer = { dueMs: monotonicMs + Math.max(0, durationMs), listener }
    timers.add(timer)
    return () => void timers.delete(timer)
  }

  function sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const wake = (): void => {
        cancel()
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const cancel = after(durationMs, wake)
      signal?.addEventListener('abort', wake, { once: true })
    })
  }

  /** Each turn empties the queue of promises. */
  async function settle(): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }

  function passTo(momentMs: number): void {
    wallMs += momentMs - monotonicMs
    monotonicMs = momentMs
  }

  async function advance(durationMs: number): Promise<void> {
    const endMs = monotonicMs + durationMs
    await settle()
    for (let timer = nextOf(timers); timer !== undefined && timer.dueMs <= endMs; timer = nextOf(timers)) {
      timers.delete(timer)
      passTo(Math.max(monotonicMs, timer.dueMs))
      timer.listener()
      await settle()
    }
    passTo(endMs)
  }

  return {
    bootId: 'boot-1',
    monotonicMs: () => monotonicMs,
    wallMs: () => wallMs,
    sleep,
    after,
    withDeadline: createWithDeadline(after),
    advance,
    settle,
    shiftWall: (differenceMs) => void (wallMs += differenceMs),
    pendingTimers: () => timers.size,
    reboot(offMs = 0) {
      timers.clear()
      monotonicMs = 0
      wallMs += offMs
      boots += 1
      this.bootId = `boot-${boots}`
    },
  }
}

/** The timer that is due first; of several at one moment, the one armed first. */
function nextOf(timers: ReadonlySet<Timer>): Timer | undefined {
  let next: Timer | undefined
  for (const timer of timers) if (next === undefined || timer.dueMs < next.dueMs) next = timer
  return next
}
