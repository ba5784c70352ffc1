/** Bits of a container's header and of an entry (utils/jsonb.h). */
const COUNT_MASK = 0x0fffffff
const IS_SCALAR = 0x10000000
const IS_OBJECT = 0x20000000
const HAS_OFFSET = 0x80000000
const LENGTH_MASK = 0x0fffffff
const KIND_SHIFT = 28
const DEEPEST = 100

/** `numeric` is given the bytes of a number within it. Throws `RangeError` for what is none. */
export function decodeJsonb(bytes: Buffer, numeric: (bytes: Buffer) => string, depth = 0): string {
  if (depth > DEEPEST) throw new RangeError('jsonb is nested too deeply')
  const header = bytes.readUInt32LE()
  const count = header & COUNT_MASK
  const isObject = (header & IS_OBJECT) !== 0
  const entries = isObject ? 2 * count : count
  if (4 + 4 * entries > bytes.length) throw new RangeError('jsonb is cut short')
  const values = readEntries(bytes, entries, numeric, depth)
  if ((header & IS_SCALAR) !== 0) return values[0] ?? 'null'
  if (!isObject) return `[${values.join(', ')}]`
  return `{${values
    .slice(0, count)
    .map((key, index) => `${key}: ${values[count + index] ?? 'null'}`)
    .join(', ')}}`
}

/** Each entry tells its own length or where it ends; numbers and containers begin at a multiple of four. */
function readEntries(bytes: Buffer, count: number, numeric: (bytes: Buffer) => string, depth: number): readonly string[] {
  const data = bytes.subarray(4 + 4 * count)
  let end = 0
  return Array.from({ length: count }, (_, index) => {
    const entry = bytes.readUInt32LE(4 + 4 * index)
    const start = end
    end = (entry & HAS_OFFSET) === 0 ? start + (entry & LENGTH_MASK) : entry & LENGTH_MASK
    if (end > data.length) throw new RangeError('jsonb is cut short')
    const aligned = data.subarray(Math.ceil(start / 4) * 4, end)
    switch ((entry >>> KIND_SHIFT) & 7) {
      case 0:
        return JSON.stringify(data.toString('utf8', start, end))
      case 1:
        return numeric(aligned.subarray(aligned.readUInt32LE() % 4 === 0 ? 4 : 1))
      case 2:
        return 'false'
      case 3:
        return 'true'
      case 4:
        return 'null'
      default:
        return decodeJsonb(aligned, numeric, depth + 1)
    }
  })
}
