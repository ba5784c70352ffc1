import { randomBytes, randomInt } from 'node:crypto'
import type { Random } from '../../ports/random.ts'

/** The kernel's random numbers. */
export function createRandom(): Random {
  return {
    hex: (digits) =>
      randomBytes(Math.ceil(digits / 2))
        .toString('hex')
        .slice(0, digits),
    fraction: () => randomInt(2 ** 47) / 2 ** 47,
  }
}
