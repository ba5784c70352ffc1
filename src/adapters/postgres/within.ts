import type { Clock } from '../../ports/clock.ts'

/** How long something may take, and who may give it up. */
export interface Limits {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

export type Outcome<T> =
  | { readonly ended: 'done'; readonly value: T }
  | { readonly ended: 'error'; readonly error: unknown }
  | { readonly ended: 'deadline' | 'aborted' }

/**
 * Waits for `work`; at the deadline or the abort it calls `destroy` and returns at once. What `work` does afterwards,
 * also a rejection, is ignored. No timer and no listener outlives the call.
 */
export function within<T>(limits: Limits, destroy: () => void, work: () => Promise<T>): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome<T>): void => {
      cancel()
      limits.signal?.removeEventListener('abort', abort)
      resolve(outcome)
    }
    const giveUp = (ended: 'deadline' | 'aborted'): void => {
      settle({ ended })
      destroy()
    }
    const abort = (): void => giveUp('aborted')
    const cancel = limits.clock.after(limits.timeoutMs, () => giveUp('deadline'))
    if (limits.signal?.aborted === true) return abort()
    limits.signal?.addEventListener('abort', abort, { once: true })
    work().then(
      (value) => settle({ ended: 'done', value }),
      (error: unknown) => settle({ ended: 'error', error }),
    )
  })
}
