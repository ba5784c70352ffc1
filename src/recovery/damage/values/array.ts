import type { StoredType } from './column.ts'
import { nullsOf, readValues } from './tuple-values.ts'

/** `ArrayType` without its first four bytes, the varlena header: dimensions, where the data begin, type, then the dimensions' sizes. */
const HEADER_BYTES = 12
const LENGTH_BYTES = 4
const DIMENSIONS_AT_MOST = 6
const ELEMENTS_AT_MOST = 1_000_000
const NEEDS_QUOTES = /^$|^null$|[{}",\\\s]/i

/** The text of an array whose elements `decode` reads. Throws `RangeError` for bytes that are none. */
export function decodeArray(bytes: Buffer, element: StoredType, decode: (bytes: Buffer) => string): string {
  const dimensions = bytes.readInt32LE(0)
  if (dimensions === 0) return '{}'
  if (dimensions < 0 || dimensions > DIMENSIONS_AT_MOST) throw new RangeError('an array with too many dimensions')
  const sizes = Array.from({ length: dimensions }, (_, index) => bytes.readInt32LE(HEADER_BYTES + 4 * index))
  const bounds = Array.from({ length: dimensions }, (_, index) => bytes.readInt32LE(HEADER_BYTES + 4 * (dimensions + index)))
  const count = sizes.reduce((product, size) => product * size, 1)
  if (count < 0 || count > ELEMENTS_AT_MOST || sizes.some((size) => size < 0)) throw new RangeError('an array that is too large')
  const prefix = bounds.every((bound) => bound === 1)
    ? ''
    : `${bounds.map((bound, index) => `[${bound}:${bound + (sizes[index] ?? 0) - 1}]`).join('')}=`
  return prefix + nest(readElements(bytes, element, { dimensions, count }, decode), sizes)
}

function readElements(
  bytes: Buffer,
  element: StoredType,
  { dimensions, count }: { readonly dimensions: number; readonly count: number },
  decode: (bytes: Buffer) => string,
): readonly string[] {
  const afterSizes = HEADER_BYTES + 8 * dimensions
  const dataOffset = bytes.readInt32LE(4)
  // Offsets count from the varlena header, which is not here; without nulls the data begin aligned behind the sizes.
  const start = (dataOffset === 0 ? Math.ceil((afterSizes + LENGTH_BYTES) / 8) * 8 : dataOffset) - LENGTH_BYTES
  const notNull = dataOffset === 0 ? undefined : bytes.subarray(afterSizes, afterSizes + Math.ceil(count / 8))
  const { values } = readValues(
    Array.from({ length: count }, () => element),
    bytes.subarray(start),
    nullsOf(notNull),
  )
  return values.map((value) => {
    if (value === 'unreadable') throw new RangeError('an element of an array cannot be read')
    return value === 'null' ? 'NULL' : quote(decode(Buffer.from(value)))
  })
}

function quote(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : text
}

function nest(values: readonly string[], [size = 0, ...deeper]: readonly number[]): string {
  if (deeper.length === 0) return `{${values.join(',')}}`
  const each = values.length / size
  return `{${Array.from({ length: size }, (_, index) => nest(values.slice(index * each, (index + 1) * each), deeper)).join(',')}}`
}
