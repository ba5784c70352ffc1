import { PAGE_BYTES } from './page-checksum.ts'

/** Offsets in `PageHeaderData`, and of what a tuple's own header says in `HeapTupleHeaderData`. */
const PAGE = { lower: 12, upper: 14, special: 16, bytes: 24 } as const
const TUPLE = { infomask2: 18, infomask: 20, headerBytes: 22, bytes: 23 } as const
const [UNUSED, NORMAL, REDIRECT] = [0, 1, 2]
const LINE_POINTER_BYTES = 4
const COLUMNS_AT_MOST = 1_600
const HAS_NULL = 0x0001

interface LinePointer {
  readonly offset: number
  readonly flags: number
  readonly length: number
}

/**
 * What of a heap page with a sane header does not fit together, or `undefined` when all of it does: line pointers that lie in
 * the page and do not overlap, and tuple headers that can be true. Then only the contents of rows can be wrong.
 */
export function findOddity(page: Uint8Array): string | undefined {
  const view = new DataView(page.buffer, page.byteOffset, PAGE_BYTES)
  const [lower, upper, special] = [PAGE.lower, PAGE.upper, PAGE.special].map((offset) => view.getUint16(offset, true))
  if (lower === undefined || upper === undefined || special === undefined) return 'it has no header'
  if (special !== PAGE_BYTES) return 'it is not a page of a table'
  if (lower < PAGE.bytes || (lower - PAGE.bytes) % LINE_POINTER_BYTES !== 0) return 'its line pointers end in the middle of one'
  const pointers = readPointers(view, lower)
  const oddPointer = pointers.findIndex((pointer) => !isSane(pointer, upper, pointers.length))
  if (oddPointer >= 0) return `line pointer ${oddPointer + 1} leads nowhere`
  const stored = pointers.filter(({ flags }) => flags === NORMAL).toSorted((one, other) => one.offset - other.offset)
  if (stored.some(({ offset, length }, index) => offset + length > (stored[index + 1]?.offset ?? PAGE_BYTES))) return 'its tuples overlap'
  const oddTuple = stored.find((pointer) => !hasSaneHeader(view, pointer))
  return oddTuple === undefined ? undefined : `the tuple at ${oddTuple.offset} has a header that cannot be true`
}

/** `ItemIdData`: 15 bits of offset, 2 of flags, 15 of length. */
function readPointers(view: DataView, lower: number): readonly LinePointer[] {
  return Array.from({ length: (lower - PAGE.bytes) / LINE_POINTER_BYTES }, (_, index) => {
    const word = view.getUint32(PAGE.bytes + index * LINE_POINTER_BYTES, true)
    return { offset: word & 0x7fff, flags: (word >>> 15) & 3, length: word >>> 17 }
  })
}

/** A dead one may keep its storage; a redirection names another line pointer. */
function isSane({ offset, flags, length }: LinePointer, upper: number, count: number): boolean {
  if (flags === UNUSED) return length === 0
  if (flags === REDIRECT) return length === 0 && offset >= 1 && offset <= count
  if (flags !== NORMAL && length === 0) return true
  return offset >= upper && offset % 8 === 0 && length >= PAGE.bytes && offset + length <= PAGE_BYTES
}

/** The header's length follows from the number of columns and from whether one of them is NULL. */
function hasSaneHeader(view: DataView, { offset, length }: LinePointer): boolean {
  const columns = view.getUint16(offset + TUPLE.infomask2, true) & 0x07ff
  const hasNull = (view.getUint16(offset + TUPLE.infomask, true) & HAS_NULL) !== 0
  const headerBytes = view.getUint8(offset + TUPLE.headerBytes)
  const expected = Math.ceil((TUPLE.bytes + (hasNull ? Math.ceil(columns / 8) : 0)) / 8) * 8
  return columns <= COLUMNS_AT_MOST && headerBytes === expected && headerBytes <= length
}
