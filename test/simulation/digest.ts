/** A number of everything that was added, in order: for telling whether two runs are the same. */
export interface Digest {
  add(moment: number, ...texts: readonly string[]): void
  hex(): string
}

/** FNV-1a over UTF-16 units, with a second number of another multiplier beside it. */
export function createDigest(): Digest {
  let [one, other] = [0x811c9dc5, 0x9e3779b9]
  const mix = (unit: number): void => {
    one = Math.imul(one ^ unit, 0x01000193)
    other = Math.imul(other ^ unit, 0x85ebca6b) ^ (other >>> 13)
  }
  return {
    add(moment, ...texts) {
      mix(Math.floor(moment))
      for (const text of texts) for (let index = 0; index < text.length; index += 1) mix(text.charCodeAt(index))
    },
    hex: () => [one, other].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join(''),
  }
}
