import { createFakeRandom } from '../../fakes/random.ts'
import type { Call } from './trace.ts'

/** Points that are still to be tried. */
export interface Points {
  /** `undefined` when enough were tried. */
  next(): Call | undefined
  /** That point was not reached: another one takes its place, or, when there is no other, it is tried again. */
  miss(call: Call): void
}

const TRIES_AT_MOST = 3

/** Calls that are made as often, and in the same order, in every run; the others are counted together with calls of other kinds. */
function isSteady({ thread, name }: Call): boolean {
  return thread === 'main' || (name !== 'write' && name !== 'openat')
}

/** `count` of the steady calls, or every call, spread over the whole run; the same for the same seed. */
export function choosePoints(all: readonly Call[], count: number | 'all', seed: number): Points {
  const random = createFakeRandom(seed).fraction
  const calls = count === 'all' ? all : all.filter(isSteady)
  const queue = spread(calls, count === 'all' ? calls.length : Math.min(count, calls.length), random)
  const spare = shuffle(
    calls.filter((call) => !queue.includes(call)),
    random,
  )
  const tries = new Map<Call, number>()
  return {
    next() {
      const call = queue.shift()
      if (call !== undefined) tries.set(call, (tries.get(call) ?? 0) + 1)
      return call
    },
    miss(call) {
      const other = spare.shift() ?? ((tries.get(call) ?? 0) < TRIES_AT_MOST ? call : undefined)
      if (other !== undefined) queue.push(other)
    },
  }
}

/** One out of each of `count` equal parts. */
function spread(calls: readonly Call[], count: number, random: () => number): Call[] {
  const part = calls.length / count
  return Array.from({ length: count }, (_, index) => calls[Math.floor((index + (part > 1 ? random() : 0)) * part)]).filter(
    (call) => call !== undefined,
  )
}

function shuffle(calls: readonly Call[], random: () => number): Call[] {
  return calls
    .map((call) => ({ call, key: random() }))
    .sort((left, right) => left.key - right.key)
    .map(({ call }) => call)
}
