import type { Clock } from '../ports/clock.ts'

/** Ticks never follow one another faster than this, however often the alarm rings. */
const LEAST_PAUSE_MS = 50

/** A sleep that can be ended early; a ring between two sleeps ends the next one. */
export interface Alarm {
  ring(): void
  /** Resolves after `durationMs`, at a ring, or when `stop` aborts. */
  wait(durationMs: number, stop: AbortSignal): Promise<void>
}

export function createAlarm(clock: Clock): Alarm {
  let rung = false
  let sleeper: AbortController | undefined
  return {
    ring() {
      rung = true
      sleeper?.abort()
    },
    async wait(durationMs, stop) {
      const startedMs = clock.monotonicMs()
      if (!rung && !stop.aborted) {
        sleeper = new AbortController()
        await sleepUntil(clock, durationMs, sleeper, stop)
        sleeper = undefined
      }
      const leftMs = Math.min(LEAST_PAUSE_MS, durationMs) - (clock.monotonicMs() - startedMs)
      if (leftMs > 0) await clock.sleep(leftMs, stop)
      rung = false
    },
  }
}

async function sleepUntil(clock: Clock, durationMs: number, sleeper: AbortController, stop: AbortSignal): Promise<void> {
  const end = (): void => sleeper.abort()
  stop.addEventListener('abort', end, { once: true })
  await clock.sleep(durationMs, sleeper.signal)
  stop.removeEventListener('abort', end)
}
