import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_EVERY_MS = 50

/**
 * Looks again and again until `look` gives a value, and throws when it has not after `timeoutMs`. An error of `look`
 * counts as "not yet" and is told at the end.
 */
export async function waitFor<T>(what: string, timeoutMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const startedMs = performance.now()
  let last: unknown = ''
  for (;;) {
    try {
      const value = await look()
      if (value !== undefined) return value
    } catch (error) {
      last = error
    }
    if (performance.now() - startedMs > timeoutMs) {
      throw new Error(`waited ${String(timeoutMs)} ms in vain for ${what}${last === '' ? '' : `: ${String(last)}`}`)
    }
    await sleep(LOOK_EVERY_MS)
  }
}
