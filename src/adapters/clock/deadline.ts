import type { Clock, Timed } from '../../ports/clock.ts'

/** Arms one timer; the result disarms it. */
export type Arm = (durationMs: number, listener: () => void) => () => void

/**
 * Builds `Clock.withDeadline` on any timer. The deadline's timer and the listener on `parent` are gone once it
 * returns; what `work` does after the deadline is its own affair, and its late rejection is nobody's.
 */
export function createWithDeadline(arm: Arm): Clock['withDeadline'] {
  return async function withDeadline<T>(
    timeoutMs: number,
    parent: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<Timed<T>> {
    const controller = new AbortController()
    const abortWithParent = (): void => controller.abort(parent?.reason)
    if (parent?.aborted) abortWithParent()
    else parent?.addEventListener('abort', abortWithParent, { once: true })
    const late = Promise.withResolvers<Timed<T>>()
    const disarm = arm(timeoutMs, () => {
      late.resolve({ timedOut: true })
      controller.abort(new DOMException(`not done after ${timeoutMs} ms`, 'TimeoutError'))
    })
    try {
      return await Promise.race([late.promise, finish(work, controller.signal)])
    } finally {
      disarm()
      parent?.removeEventListener('abort', abortWithParent)
    }
  }
}

async function finish<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<Timed<T>> {
  return { timedOut: false, value: await work(signal) }
}
