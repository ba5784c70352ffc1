/** `XLOG_BLCKSZ`; another one is a build option that no distribution uses. */
export const WAL_PAGE_BYTES = 8192

const SHORT_HEADER_BYTES = 24
/** The first page of each segment also names the cluster and the sizes. */
const LONG_HEADER_BYTES = 40
const ALIGNMENT = 8n

/** Where the page begins that holds `lsn`. */
export function pageOf(lsn: bigint): bigint {
  return lsn - (lsn % BigInt(WAL_PAGE_BYTES))
}

/** Where the segment begins that holds `lsn`. */
export function segmentOf(lsn: bigint, segmentBytes: number): bigint {
  return lsn - (lsn % BigInt(segmentBytes))
}

/** Bytes of the header of the page that begins at `page`. */
export function pageHeaderBytes(page: bigint, segmentBytes: number): number {
  return page % BigInt(segmentBytes) === 0n ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES
}

/** Where a record begins that is written next after `end`: aligned, and behind the header of a new page. */
export function nextRecordAt(end: bigint, segmentBytes: number): bigint {
  const aligned = alignUp(end)
  return aligned % BigInt(WAL_PAGE_BYTES) === 0n ? aligned + BigInt(pageHeaderBytes(aligned, segmentBytes)) : aligned
}

/** How many bytes of records fit between two positions, page headers left out. */
export function roomBetween(from: bigint, to: bigint, segmentBytes: number): number {
  let room = Number(to - from)
  for (let page = pageOf(from + BigInt(WAL_PAGE_BYTES) - 1n); page < to; page += BigInt(WAL_PAGE_BYTES))
    room -= Math.min(pageHeaderBytes(page, segmentBytes), Number(to - page))
  return room
}

export function alignUp(lsn: bigint): bigint {
  return (lsn + ALIGNMENT - 1n) & ~(ALIGNMENT - 1n)
}
