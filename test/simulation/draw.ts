import type { Random } from '../../src/ports/random.ts'
import { createFakeRandom } from '../fakes/random.ts'
import { ERRORS, type Blow, type Strike } from './meddling.ts'

/** Every way in which pgwatchd dies. */
export const CRASHES: readonly Blow[] = [
  { kind: 'kill', within: false },
  { kind: 'kill', within: true },
  { kind: 'power-cut', outcome: 'nothing' },
  { kind: 'power-cut', outcome: 'everything' },
  { kind: 'power-cut', outcome: 'journalled' },
  { kind: 'power-cut', outcome: 'anything' },
]

/** A sequence of its own for each of many seeds and purposes; neighbouring seeds begin far from one another. */
export function randomOf(seed: number, purpose = 0): Random {
  const mixed = Math.imul(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ (purpose + 1), 0xc2b2ae35)
  return createFakeRandom(mixed ^ (mixed >>> 15))
}

/** A whole number from 0 to below `below`. */
export function drawNumber(random: Random, below: number): number {
  return Math.floor(random.fraction() * below)
}

export function draw<T>(random: Random, choices: readonly T[]): T {
  return choices[drawNumber(random, choices.length)]!
}

export function drawError(random: Random, lasts: boolean): Blow {
  return { kind: 'error', code: draw(random, ERRORS), lasts }
}

/** Somewhere after operation `after`, up to the last one. */
export function drawStrike(random: Random, blow: Blow, after: number, operations: number): Strike {
  return { operation: after + 1 + drawNumber(random, Math.max(1, operations - after)), blow }
}
