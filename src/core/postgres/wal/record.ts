import { crc32c } from '../crc32c.ts'

/** `SizeOfXLogRecord`: length, transaction, position of the record before, kind, checksum. */
export const RECORD_HEADER_BYTES = 24

/** Kinds of the resource manager XLOG (number 0) that a made record may have, and those of access/xlogrecord.h. */
export const RECORD_INFO = { checkpointShutdown: 0x00, noop: 0x20, switch: 0x40 } as const

const OFFSET = { totalBytes: 0, previous: 8, info: 16, manager: 17, checksum: 20 } as const
/** Markers of the main data in a record: with a length of one byte, and of four. */
const [SHORT_DATA, LONG_DATA] = [0xff, 0xfe]
const SHORT_DATA_AT_MOST = 255

/** The length of the record whose first bytes these are. */
export function recordBytes(header: Uint8Array): number {
  return viewOf(header).getUint32(OFFSET.totalBytes, true)
}

/** Where the record before it begins. */
export function previousOf(record: Uint8Array): bigint {
  return viewOf(record).getBigUint64(OFFSET.previous, true)
}

/** `xl_info`: the kind, as the resource manager knows it. */
export function infoOf(record: Uint8Array): number {
  return viewOf(record).getUint8(OFFSET.info)
}

/** The number of the resource manager. */
export function managerOf(record: Uint8Array): number {
  return viewOf(record).getUint8(OFFSET.manager)
}

/** Whether a record is whole: its length is that of the bytes, and its checksum is right. */
export function isWholeRecord(record: Uint8Array): boolean {
  if (record.length < RECORD_HEADER_BYTES || recordBytes(record) !== record.length) return false
  return viewOf(record).getUint32(OFFSET.checksum, true) === checksumOf(record)
}

/** A record of the resource manager XLOG with that much main data. */
export function makeRecord(info: number, previous: bigint, data: Uint8Array): Uint8Array {
  const marker = data.length === 0 ? [] : data.length <= SHORT_DATA_AT_MOST ? [SHORT_DATA, data.length] : longMarker(data.length)
  const record = new Uint8Array(RECORD_HEADER_BYTES + marker.length + data.length)
  const view = viewOf(record)
  view.setUint32(OFFSET.totalBytes, record.length, true)
  view.setBigUint64(OFFSET.previous, previous, true)
  view.setUint8(OFFSET.info, info)
  record.set(marker, RECORD_HEADER_BYTES)
  record.set(data, RECORD_HEADER_BYTES + marker.length)
  view.setUint32(OFFSET.checksum, checksumOf(record), true)
  return record
}

/** A record that does nothing and is exactly `bytes` long: at least 24, and a multiple of 8. */
export function makeFiller(previous: bigint, bytes: number): Uint8Array {
  const dataBytes = bytes - RECORD_HEADER_BYTES
  if (dataBytes === 0) return makeRecord(RECORD_INFO.noop, previous, new Uint8Array())
  const markerBytes = dataBytes - 2 <= SHORT_DATA_AT_MOST ? 2 : 5
  return makeRecord(RECORD_INFO.noop, previous, new Uint8Array(dataBytes - markerBytes))
}

function longMarker(length: number): readonly number[] {
  return [LONG_DATA, ...new Uint8Array(Uint32Array.of(length).buffer)]
}

/** Over the data first and then over the header, as far as the checksum itself. */
function checksumOf(record: Uint8Array): number {
  return crc32c(Buffer.concat([record.subarray(RECORD_HEADER_BYTES), record.subarray(0, OFFSET.checksum)]))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
