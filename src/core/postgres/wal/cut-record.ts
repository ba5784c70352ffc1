import { alignUp, pageHeaderBytes, WAL_PAGE_BYTES } from './layout.ts'
import { isWholeRecord, recordBytes, RECORD_HEADER_BYTES } from './record.ts'

/** A record of the WAL as it was written, and where it lies. */
export interface WalRecord {
  readonly lsn: bigint
  readonly bytes: Uint8Array
  /** Where what follows it begins: what a page carries as its position after the record was applied to it. */
  readonly endLsn: bigint
}

/** Every record is shorter: what is longer is not read. */
const LONGEST_RECORD = 64 << 20

/**
 * Cuts the record at `lsn` out of WAL pages, which follow one another from `start` on. `undefined` when it is not there as a
 * whole: other pages, a broken length, a wrong checksum.
 */
export function cutRecord(pages: Uint8Array, start: bigint, lsn: bigint, segmentBytes: number): WalRecord | undefined {
  const view = new DataView(pages.buffer, pages.byteOffset, pages.byteLength)
  const head = Number(lsn - start)
  if (head < 0 || head + 4 > pages.length || !pageIs(view, start, pageStart(head))) return undefined
  const totalBytes = recordBytes(pages.subarray(head))
  if (totalBytes < RECORD_HEADER_BYTES || totalBytes > LONGEST_RECORD) return undefined
  const bytes = new Uint8Array(totalBytes)
  let [got, at] = [0, head]
  while (got < totalBytes) {
    if (at % WAL_PAGE_BYTES === 0) {
      if (!pageIs(view, start, at)) return undefined
      at += pageHeaderBytes(start + BigInt(at), segmentBytes)
    }
    if (at >= pages.length) return undefined
    const part = pages.subarray(at, at + Math.min(WAL_PAGE_BYTES - (at % WAL_PAGE_BYTES), totalBytes - got))
    bytes.set(part, got)
    got += part.length
    at += part.length
  }
  return isWholeRecord(bytes) ? { lsn, bytes, endLsn: alignUp(start + BigInt(at)) } : undefined
}

/** How many bytes of pages, from the one that holds it, are surely enough for a record whose first page this is. */
export function pagesNeeded(page: Uint8Array, offset: number): number {
  const totalBytes = Math.min(recordBytes(page.subarray(offset)), LONGEST_RECORD)
  const pages = Math.ceil((offset + totalBytes) / (WAL_PAGE_BYTES - 40)) + 1
  return pages * WAL_PAGE_BYTES
}

function pageStart(offset: number): number {
  return offset - (offset % WAL_PAGE_BYTES)
}

/** Each page names its own position: one that was recycled names another. */
function pageIs(view: DataView, start: bigint, offset: number): boolean {
  return offset + 16 <= view.byteLength && view.getBigUint64(offset + 8, true) === start + BigInt(offset)
}
