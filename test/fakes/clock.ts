import type { Clock } from '../../src/ports/clock.ts'
import { createWithDeadline } from '../../src/adapters/clock/deadline.ts'

interface Timer {
  /** On the time that no reboot turns back. */
  readonly dueMs: number
  readonly listener: () => void
  /** Whether it is the world's and not the host's: it outlives a reboot. */
  readonly isOutside: boolean
}

export interface FakeClock extends Clock {
  bootId: string
  /** Milliseconds since the clock was made: unlike the host's own clocks never turned back. */
  elapsedMs(): number
  /** Moves both clocks on, firing timers in the order of their time; after each, promises settle. */
  advance(durationMs: number): Promise<void>
  /** Lets everything that is waiting for a promise (not for a timer) go on. */
  settle(): Promise<void>
  /** `after` for what is no part of the host, and goes on while the host reboots. */
  afterOutside(durationMs: number, listener: () => void): () => void
  /** Called when a timer was served and everything has settled. */
  onStep: () => void
  /** Moves the wall clock only, as an administrator or NTP does. */
  shiftWall(differenceMs: number): void
  /** Timers armed and not yet fired: 0 when nothing leaks. */
  pendingTimers(): number
  /** A new boot: other id, monotonic time from 0, none of the host's timers; the wall clock goes on by `offMs`. */
  reboot(offMs?: number): void
}

/**
 * A clock that stands still until it is advanced. It starts at 2026-11-21T00:00:00Z, 1,000 ms after boot. `turns` of the
 * event loop let everything that waits go on; where nothing real is waited for, one is enough.
 */
export function createFakeClock(startWallMs: number = Date.UTC(2026, 10, 21), turns = 5): FakeClock {
  let nowMs = 0
  let bootedMs = -1000
  let wallOffsetMs = startWallMs
  let boots = 1
  const timers = new Set<Timer>()

  function arm(durationMs: number, listener: () => void, isOutside: boolean): () => void {
    const timer = { dueMs: nowMs + Math.max(0, durationMs), listener, isOutside }
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

  const after = (durationMs: number, listener: () => void): (() => void) => arm(durationMs, listener, false)

  return {
    bootId: 'boot-1',
    elapsedMs: () => nowMs,
    monotonicMs: () => nowMs - bootedMs,
    wallMs: () => nowMs + wallOffsetMs,
    sleep,
    after,
    afterOutside: (durationMs, listener) => arm(durationMs, listener, true),
    withDeadline: createWithDeadline(after),
    async advance(durationMs) {
      const endMs = nowMs + durationMs
      await settle()
      for (let timer = nextOf(timers); timer !== undefined && timer.dueMs <= endMs; timer = nextOf(timers)) {
        timers.delete(timer)
        nowMs = Math.max(nowMs, timer.dueMs)
        timer.listener()
        await settle()
        this.onStep()
      }
      nowMs = Math.max(nowMs, endMs)
    },
    settle,
    onStep: () => undefined,
    shiftWall: (differenceMs) => void (wallOffsetMs += differenceMs),
    pendingTimers: () => timers.size,
    reboot(offMs = 0) {
      for (const timer of timers) if (!timer.isOutside) timers.delete(timer)
      bootedMs = nowMs
      wallOffsetMs += offMs
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
