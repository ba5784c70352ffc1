import { PAGE_BYTES } from '../../core/postgres/page-checksum.ts'

const HEADER_BYTES = 24
const LINE_POINTER_BYTES = 4
const LAYOUT_VERSION = 4

/**
 * A copy of a heap page with a header under which its line pointers can be read again. Line pointers follow the header
 * one by one until the first tuple begins.
 */
export function mendHeader(page: Uint8Array): Uint8Array {
  const mended = Uint8Array.from(page)
  const view = new DataView(mended.buffer)
  let lower = HEADER_BYTES
  let upper: number = PAGE_BYTES
  for (; lower + LINE_POINTER_BYTES <= upper; lower += LINE_POINTER_BYTES) {
    const pointer = readLinePointer(view.getUint32(lower, true))
    if (!pointer.plausible) break
    if (pointer.offset > 0) upper = Math.min(upper, pointer.offset)
  }
  view.setUint16(10, 0, true)
  view.setUint16(12, lower, true)
  view.setUint16(14, upper, true)
  view.setUint16(16, PAGE_BYTES, true)
  view.setUint16(18, PAGE_BYTES | LAYOUT_VERSION, true)
  return mended
}

/** `ItemIdData`: 15 bits of offset, 2 of flags, 15 of length. An unused or dead one has no storage. */
function readLinePointer(word: number): { readonly offset: number; readonly plausible: boolean } {
  const [offset, flags, length] = [word & 0x7fff, (word >>> 15) & 3, word >>> 17]
  if (flags !== 1) return { offset: 0, plausible: word !== 0 && offset < PAGE_BYTES && length === 0 }
  return { offset, plausible: offset > HEADER_BYTES && offset % 8 === 0 && length >= 24 && offset + length <= PAGE_BYTES }
}
