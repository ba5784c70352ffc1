import type { WalRecord } from './cut-record.ts'
import { cutRecord } from './cut-record.ts'
import { alignUp, nextRecordAt, pageHeaderBytes, pageOf, segmentOf, WAL_PAGE_BYTES } from './layout.ts'
import type { WalPage } from './page-header.ts'
import { parseWalPage } from './page-header.ts'
import { infoOf, managerOf, recordBytes, RECORD_HEADER_BYTES, RECORD_INFO } from './record.ts'

/** A stretch of WAL without a gap, from the beginning of a page on. */
export interface WalStretch {
  readonly startLsn: bigint
  readonly bytes: Uint8Array
  /** Of the files that it was read from. */
  readonly segmentBytes: number
}

/** `RM_XLOG_ID`: the resource manager XLOG. */
const XLOG_MANAGER = 0
const KIND_BITS = 0xf0
/** `XLogRecordMaxSize`: no record is larger. */
const LARGEST_RECORD_BYTES = 1020 << 20

/** The record that begins at `lsn`, or on the page that does; `undefined` when none that is whole and right lies in the stretch. */
export function readRecord(stretch: WalStretch, lsn: bigint): WalRecord | undefined {
  const { startLsn, bytes, segmentBytes } = stretch
  const record = cutRecord(bytes, startLsn, nextRecordAt(lsn, segmentBytes), segmentBytes)
  if (record === undefined || !isSwitch(record)) return record
  return { ...record, endLsn: segmentOf(record.lsn, segmentBytes) + BigInt(segmentBytes) }
}

/** How long the record that begins at `lsn` says that it is, right or not; `undefined` when it says nothing sensible. */
export function announcedBytes(stretch: WalStretch, lsn: bigint): number | undefined {
  const start = nextRecordAt(lsn, stretch.segmentBytes)
  const header = stretch.bytes.subarray(Number(start - stretch.startLsn))
  if (pageAt(stretch, pageOf(start)) === undefined || header.length < RECORD_HEADER_BYTES) return undefined
  const totalBytes = recordBytes(header)
  return totalBytes < RECORD_HEADER_BYTES || totalBytes > LARGEST_RECORD_BYTES ? undefined : totalBytes
}

/** Where the first record that begins on the page at `page`, or after what it continues, lies; `undefined` when that cannot be told. */
export function firstRecordFrom(stretch: WalStretch, page: bigint): bigint | undefined {
  let left = pageAt(stretch, page)?.continuedBytes
  for (let at = page; left !== undefined; at += BigInt(WAL_PAGE_BYTES)) {
    const headerBytes = pageHeaderBytes(at, stretch.segmentBytes)
    if (left <= WAL_PAGE_BYTES - headerBytes) return alignUp(at + BigInt(headerBytes + left))
    left = pageAt(stretch, at + BigInt(WAL_PAGE_BYTES)) && left - (WAL_PAGE_BYTES - headerBytes)
  }
  return undefined
}

/** The page at `lsn`, if it says itself that it lies there. */
export function pageAt({ startLsn, bytes }: WalStretch, lsn: bigint): WalPage | undefined {
  return parseWalPage(bytes, Number(lsn - startLsn), lsn)
}

/** The rest of the file is left empty behind it. */
function isSwitch({ bytes }: WalRecord): boolean {
  return managerOf(bytes) === XLOG_MANAGER && (infoOf(bytes) & KIND_BITS) === RECORD_INFO.switch
}
