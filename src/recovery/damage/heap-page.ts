import { PAGE_BYTES } from '../../core/postgres/page-checksum.ts'

/** Where a row version or index entry points: block and line pointer. */
export interface TupleId {
  readonly block: number
  /** From 1. */
  readonly number: number
}

/** `HeapTupleHeaderData` of access/htup_details.h, as far as it says whether the row is alive. */
export interface TupleHeader {
  readonly xmin: number
  readonly xmax: number
  readonly infomask: number
  /** The tuple's next version, or its own place. */
  readonly next: TupleId
  /** The next version is on the same page and has no index entry of its own. */
  readonly isHotUpdated: boolean
  /** How many the tuple holds; the table may have been given more since. */
  readonly columns: number
}

/** One line pointer of a heap page. */
export type HeapItem =
  | { readonly number: number; readonly kind: 'unused' }
  | { readonly number: number; readonly kind: 'dead' }
  | { readonly number: number; readonly kind: 'redirect'; readonly to: number }
  | { readonly number: number; readonly kind: 'row'; readonly header: TupleHeader }
  /** It points nowhere that makes sense. */
  | { readonly number: number; readonly kind: 'nonsense' }

const PAGE_HEADER_BYTES = 24
const POINTER_BYTES = 4
const TUPLE_HEADER_BYTES = 23
const LOWER_OFFSET = 12
const KINDS = ['unused', 'row', 'redirect', 'dead'] as const
const HOT_UPDATED = 0x4000
const COLUMNS_MASK = 0x07ff
const COLUMNS_AT_MOST = 1_600

/** Every line pointer of a heap page whose header is whole or mended. What makes no sense is `nonsense`, never an error. */
export function readHeapPage(bytes: Uint8Array): readonly HeapItem[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, PAGE_BYTES)
  const end = Math.min(view.getUint16(LOWER_OFFSET, true), PAGE_BYTES)
  const count = Math.max(0, Math.floor((end - PAGE_HEADER_BYTES) / POINTER_BYTES))
  return Array.from({ length: count }, (_, index) => readItem(view, index + 1))
}

function readItem(view: DataView, number: number): HeapItem {
  const word = view.getUint32(PAGE_HEADER_BYTES + (number - 1) * POINTER_BYTES, true)
  const [offset, length] = [word & 0x7fff, word >>> 17]
  const kind = KINDS[(word >>> 15) & 3] ?? 'unused'
  if (kind === 'redirect') return { number, kind, to: offset }
  if (kind !== 'row') return { number, kind }
  return isTuple(view, offset, length) ? { number, kind, header: readHeader(view, offset) } : { number, kind: 'nonsense' }
}

/** Its data begin after the header and the bitmap of nulls, aligned, and it has at least one column. */
function isTuple(view: DataView, offset: number, length: number): boolean {
  if (offset < PAGE_HEADER_BYTES || length < TUPLE_HEADER_BYTES + 1 || offset + length > PAGE_BYTES) return false
  const columns = view.getUint16(offset + 18, true) & COLUMNS_MASK
  const dataOffset = view.getUint8(offset + 22)
  return dataOffset > TUPLE_HEADER_BYTES && dataOffset % 8 === 0 && dataOffset <= length && columns > 0 && columns <= COLUMNS_AT_MOST
}

function readHeader(view: DataView, offset: number): TupleHeader {
  return {
    xmin: view.getUint32(offset, true),
    xmax: view.getUint32(offset + 4, true),
    next: readTupleId(view, offset + 12),
    isHotUpdated: (view.getUint16(offset + 18, true) & HOT_UPDATED) !== 0,
    columns: view.getUint16(offset + 18, true) & COLUMNS_MASK,
    infomask: view.getUint16(offset + 20, true),
  }
}

/** `ItemPointerData`: the block in two halves, the higher first, then the line pointer. */
export function readTupleId(view: DataView, offset: number): TupleId {
  const block = view.getUint16(offset, true) * 0x10000 + view.getUint16(offset + 2, true)
  return { block, number: view.getUint16(offset + 4, true) }
}
