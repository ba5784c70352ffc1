import type { Random } from '../../src/ports/random.ts'

/** The same sequence for the same seed. */
export function createFakeRandom(seed = 1): Random {
  let state = seed >>> 0
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0)
  return {
    hex: (digits) => Array.from({ length: digits }, () => (next() >>> 28).toString(16)).join(''),
    fraction: () => next() / 2 ** 32,
  }
}
