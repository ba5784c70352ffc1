/** A number of everything that was added, in order: for telling whether two runs are the same. */
export interface Digest {
  add(moment: number, ...texts: readonly string[]): void
  hex(): string
}

/** The same few texts come again and again. */
const NUMBERS = new Map<string, number>()
const MOST_NUMBERS = 10_000

/** FNV-1a over UTF-16 units. */
function numberOf(text: string): number {
  const known = NUMBERS.get(text)
  if (known !== undefined) return known
  let number = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) number = Math.imul(number ^ text.charCodeAt(index), 0x01000193)
  if (NUMBERS.size >= MOST_NUMBERS) NUMBERS.clear()
  NUMBERS.set(text, number)
  return number
}

/** Two numbers of different multipliers, over the moments and the numbers of the texts. */
export function createDigest(): Digest {
  let [one, other] = [0x811c9dc5, 0x9e3779b9]
  const mix = (unit: number): void => {
    one = Math.imul(one ^ unit, 0x01000193)
    other = Math.imul(other ^ unit, 0x85ebca6b) ^ (other >>> 13)
  }
  return {
    add(moment, ...texts) {
      mix(Math.floor(moment))
      for (const text of texts) mix(numberOf(text))
    },
    hex: () => [one, other].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join(''),
  }
}
