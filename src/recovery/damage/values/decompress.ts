/** No method makes one byte into more. */
const MOST_GROWTH = 256
const LONG_MATCH = 18
const MIN_LZ4_MATCH = 4

/** Where reading and writing stand. */
interface Progress {
  from: number
  to: number
}

/** `undefined` where the bytes are not what the method made of `rawBytes`. */
export function decompress(method: 'pglz' | 'lz4', source: Uint8Array, rawBytes: number): Uint8Array | undefined {
  if (rawBytes > MOST_GROWTH * source.length) return undefined
  const target = new Uint8Array(rawBytes)
  const at = { from: 0, to: 0 }
  const isRead = method === 'pglz' ? readPglz(source, target, at) : readLz4(source, target, at)
  return isRead && at.to === rawBytes ? target : undefined
}

/** `pglz_decompress` of common/pg_lzcompress.c: each bit of a control byte announces a literal byte or a reference to what was written before. */
function readPglz(source: Uint8Array, target: Uint8Array, at: Progress): boolean {
  while (at.from < source.length && at.to < target.length) {
    const control = source[at.from++] ?? 0
    for (let bit = 0; bit < 8 && at.from < source.length && at.to < target.length; bit += 1) {
      if ((control & (1 << bit)) === 0) target[at.to++] = source[at.from++] ?? 0
      else if (!readPglzMatch(source, target, at)) return false
    }
  }
  return true
}

function readPglzMatch(source: Uint8Array, target: Uint8Array, at: Progress): boolean {
  const [first = 0, second = 0, third = 0] = source.subarray(at.from, at.from + 3)
  const length = (first & 0x0f) + 3
  const isLong = length === LONG_MATCH
  at.from += isLong ? 3 : 2
  return copyBack(target, at, ((first & 0xf0) << 4) | second, isLong ? length + third : length)
}

/** A block of LZ4: runs of literals, each but the last followed by a reference. */
function readLz4(source: Uint8Array, target: Uint8Array, at: Progress): boolean {
  while (at.from < source.length) {
    const token = source[at.from++] ?? 0
    const literals = readLz4Length(source, at, token >>> 4)
    if (at.from + literals > source.length || at.to + literals > target.length) return false
    target.set(source.subarray(at.from, at.from + literals), at.to)
    at.from += literals
    at.to += literals
    if (at.from >= source.length) return true
    const distance = (source[at.from++] ?? 0) | ((source[at.from++] ?? 0) << 8)
    if (!copyBack(target, at, distance, readLz4Length(source, at, token & 0x0f) + MIN_LZ4_MATCH)) return false
  }
  return true
}

function readLz4Length(source: Uint8Array, at: Progress, short: number): number {
  let length = short
  for (let byte = short === 15 ? 255 : 0; byte === 255 && at.from < source.length;) {
    byte = source[at.from++] ?? 0
    length += byte
  }
  return length
}

/** Repeats what was written `distance` bytes before, which may overlap with what it writes; false when that is outside. */
function copyBack(target: Uint8Array, at: Progress, distance: number, length: number): boolean {
  if (distance === 0 || distance > at.to) return false
  for (let end = Math.min(at.to + length, target.length); at.to < end; at.to += 1) target[at.to] = target[at.to - distance] ?? 0
  return true
}
