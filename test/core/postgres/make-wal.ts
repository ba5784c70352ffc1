import { crc32c } from '../../../src/core/postgres/crc32c.ts'

const PAGE_BYTES = 8192
const MAGIC = 0xd110

/** One record to be written: by default of a manager that tells nothing, with 40 bytes of data. */
export interface MadeRecord {
  readonly manager?: number
  readonly info?: number
  /** What follows the record's header. */
  readonly data?: Uint8Array
}

/** WAL as PostgreSQL writes it, with the place of each record. */
export interface MadeWal {
  readonly startLsn: bigint
  /** Zeros behind the last record. */
  readonly bytes: Uint8Array
  readonly lsns: readonly bigint[]
  readonly endLsn: bigint
}

/** Bytes of WAL from `startLsn`, the beginning of a segment, on: one record after the other, over as many pages as they take. */
export function makeWal(startLsn: bigint, sizeBytes: number, records: readonly MadeRecord[], segmentBytes = 1 << 20): MadeWal {
  const bytes = new Uint8Array(sizeBytes)
  const lsns: bigint[] = []
  let at = 0
  const enter = (continuedBytes: number): void => {
    if (at % PAGE_BYTES === 0) at += writePageHeader(bytes, at, startLsn, continuedBytes, segmentBytes)
  }
  for (const [index, record] of records.entries()) {
    at = Math.ceil(at / 8) * 8
    enter(0)
    lsns.push(startLsn + BigInt(at))
    const whole = makeRecord(record, index === 0 ? 0n : (lsns[index - 1] ?? 0n))
    for (let left = whole; left.length > 0;) {
      enter(left.length)
      const part = left.subarray(0, PAGE_BYTES - (at % PAGE_BYTES))
      bytes.set(part, at)
      at += part.length
      left = left.subarray(part.length)
    }
  }
  return { startLsn, bytes, lsns, endLsn: startLsn + BigInt(Math.ceil(at / 8) * 8) }
}

/** The record of a commit at that time, in milliseconds. */
export function makeCommit(wallMs: number): MadeRecord {
  const data = new Uint8Array(10)
  data.set([255, 8])
  new DataView(data.buffer).setBigInt64(2, BigInt(wallMs - 946_684_800_000) * 1000n, true)
  return { manager: 1, info: 0, data }
}

function writePageHeader(bytes: Uint8Array, at: number, startLsn: bigint, continuedBytes: number, segmentBytes: number): number {
  const lsn = startLsn + BigInt(at)
  const isFirst = lsn % BigInt(segmentBytes) === 0n
  const view = new DataView(bytes.buffer, bytes.byteOffset + at)
  view.setUint16(0, MAGIC, true)
  view.setUint16(2, (continuedBytes > 0 ? 1 : 0) | (isFirst ? 2 : 0), true)
  view.setUint32(4, 1, true)
  view.setBigUint64(8, lsn, true)
  view.setUint32(16, continuedBytes, true)
  if (isFirst) view.setUint32(32, segmentBytes, true)
  if (isFirst) view.setUint32(36, PAGE_BYTES, true)
  return isFirst ? 40 : 24
}

function makeRecord({ manager = 10, info = 0, data = new Uint8Array(40).fill(7) }: MadeRecord, previousLsn: bigint): Uint8Array {
  const record = new Uint8Array(24 + data.length)
  const view = new DataView(record.buffer)
  view.setUint32(0, record.length, true)
  view.setUint32(4, 735, true)
  view.setBigUint64(8, previousLsn, true)
  view.setUint8(16, info)
  view.setUint8(17, manager)
  record.set(data, 24)
  view.setUint32(20, crc32c(Buffer.concat([data, record.subarray(0, 20)])), true)
  return record
}
