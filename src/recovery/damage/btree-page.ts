import { PAGE_BYTES } from '../../core/postgres/page-checksum.ts'
import type { TupleId } from './heap-page.ts'
import { readTupleId } from './heap-page.ts'

/** One tuple of a leaf page. */
export interface BtreeEntry {
  /** Those that lead to wanted blocks; more than one where equal keys were merged. */
  readonly tids: readonly TupleId[]
  /** The columns, as `readIndexTuple` takes them. */
  readonly data: Uint8Array
  /** One bit for each column, set where it is not null; `undefined` when none is null. */
  readonly notNull: Uint8Array | undefined
}

const PAGE_HEADER_BYTES = 24
const POINTER_BYTES = 4
const LOWER_OFFSET = 12
const SPECIAL_OFFSET = 16
/** `BTPageOpaqueData`. */
const OPAQUE_BYTES = 16
const NEXT_OFFSET = 4
const FLAGS_OFFSET = 12
const LEAF = 0x0001
/** Deleted, meta, half dead. */
const NO_ENTRIES = 0x0004 | 0x0008 | 0x0010

/** `IndexTupleData`: 6 bytes of heap pointer, 2 of size and flags. */
const HEADER_BYTES = 8
const HEADER_WITH_NULLS_BYTES = 16
const SIZE_MASK = 0x1fff
const HAS_OTHER_POINTERS = 0x2000
const HAS_NULLS = 0x8000
/** In the line pointer's place of the heap pointer of such a tuple: it holds a list of heap pointers, that many. */
const IS_POSTING_LIST = 0x2000
const COUNT_MASK = 0x0fff
const TID_BYTES = 6

/**
 * Those entries of a leaf page of a B-tree that lead to wanted blocks; none for any other page. Reads nothing past what the page
 * and each tuple hold.
 */
export function readLeafEntries(bytes: Uint8Array, isWanted: (block: number) => boolean): readonly BtreeEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, PAGE_BYTES)
  const special = view.getUint16(SPECIAL_OFFSET, true)
  if (special !== PAGE_BYTES - OPAQUE_BYTES) return []
  const flags = view.getUint16(special + FLAGS_OFFSET, true)
  if ((flags & LEAF) === 0 || (flags & NO_ENTRIES) !== 0) return []
  const count = Math.floor((view.getUint16(LOWER_OFFSET, true) - PAGE_HEADER_BYTES) / POINTER_BYTES)
  const entries: BtreeEntry[] = []
  // The first tuple of a page that is not the rightmost is a bound, no entry.
  for (let index = view.getUint32(special + NEXT_OFFSET, true) === 0 ? 0 : 1; index < count; index += 1) {
    const entry = readEntry(bytes, view, index, isWanted)
    if (entry !== undefined) entries.push(entry)
  }
  return entries
}

function readEntry(bytes: Uint8Array, view: DataView, index: number, isWanted: (block: number) => boolean): BtreeEntry | undefined {
  const word = view.getUint32(PAGE_HEADER_BYTES + index * POINTER_BYTES, true)
  const [offset, length] = [word & 0x7fff, word >>> 17]
  if (length < HEADER_BYTES || offset + length > PAGE_BYTES) return undefined
  const info = view.getUint16(offset + 6, true)
  const isList = (info & HAS_OTHER_POINTERS) !== 0 && (view.getUint16(offset + 4, true) & IS_POSTING_LIST) !== 0
  if (!isList && !isWanted(blockAt(view, offset))) return undefined
  const size = Math.min(info & SIZE_MASK, length)
  const { tids, end } = isList ? readPostingList(view, offset, size) : { tids: [readTupleId(view, offset)], end: size }
  const wanted = tids.filter(({ block }) => isWanted(block))
  if (wanted.length === 0) return undefined
  const hasNulls = (info & HAS_NULLS) !== 0
  const start = offset + (hasNulls ? HEADER_WITH_NULLS_BYTES : HEADER_BYTES)
  const notNull = hasNulls ? bytes.slice(offset + HEADER_BYTES, start) : undefined
  return { tids: wanted, data: bytes.slice(start, offset + end), notNull }
}

/** The first pointer's block is where the list begins within the tuple, and where its columns end. */
function readPostingList(view: DataView, offset: number, size: number): { readonly tids: readonly TupleId[]; readonly end: number } {
  const [start, count] = [blockAt(view, offset), view.getUint16(offset + 4, true) & COUNT_MASK]
  if (start + count * TID_BYTES > size) return { tids: [], end: size }
  return { tids: Array.from({ length: count }, (_, index) => readTupleId(view, offset + start + index * TID_BYTES)), end: start }
}

function blockAt(view: DataView, offset: number): number {
  return readTupleId(view, offset).block
}
