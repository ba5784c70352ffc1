import { nextRecordAt, pageHeaderBytes, pageOf, roomBetween, segmentOf, WAL_PAGE_BYTES } from './layout.ts'
import { makeFiller, makeRecord, previousOf, RECORD_HEADER_BYTES, RECORD_INFO } from './record.ts'
import type { WalRecord } from './cut-record.ts'

/** What the headers of WAL pages say of the cluster. */
export interface WalIdentity {
  /** `xlp_magic`, which is the WAL's version. */
  readonly magic: number
  readonly timeline: number
  readonly systemIdentifier: bigint
  readonly segmentBytes: number
}

/** A WAL that holds only some records, each at its own position; what lies between is filled with records that do nothing. */
export interface Tape {
  /** Its first record, a checkpoint at which redo begins. */
  readonly checkpointLsn: bigint
  /** By position, in order; pages that redo never reads are left out. */
  readonly pages: ReadonlyMap<bigint, Uint8Array>
}

const FLAG = { continued: 1, long: 2 } as const
const POSITION_BYTES = 8

/**
 * Lays out a WAL in which PostgreSQL's redo finds nothing but `records`, in the order of their positions, after a checkpoint
 * made of `checkpoint` (the bytes of a `CheckPoint`). The records stay as they were written, with their checksums.
 */
export function layOutTape(identity: WalIdentity, checkpoint: Uint8Array, records: readonly WalRecord[]): Tape {
  const [first] = records
  if (first === undefined) throw new Error('a WAL without records is of no use')
  const writer = createWriter(identity)
  const checkpointLsn = beginTape(writer, identity, checkpoint, previousOf(first.bytes))
  for (const record of records) {
    fillTo(writer, identity, previousOf(record.bytes))
    fillOnce(writer, identity, record.lsn)
    if (writer.next() !== record.lsn) throw new Error(`the WAL has no room for a record at ${record.lsn}`)
    writer.put(record.bytes)
  }
  return { checkpointLsn, pages: writer.pages }
}

interface Writer {
  readonly pages: Map<bigint, Uint8Array>
  /** Where the next record begins. */
  next(): bigint
  /** Where the last record began. */
  previous(): bigint
  put(record: Uint8Array): void
  /** Goes on at the beginning of another segment. */
  jump(segment: bigint): void
}

/** The checkpoint says itself where redo begins: at itself, as one that was taken at a shutdown. */
function beginTape(writer: Writer, identity: WalIdentity, checkpoint: Uint8Array, firstNeeded: bigint): bigint {
  const { segmentBytes } = identity
  const record = (lsn: bigint): Uint8Array => {
    const data = new Uint8Array(checkpoint)
    new DataView(data.buffer).setBigUint64(0, lsn, true)
    return makeRecord(RECORD_INFO.checkpointShutdown, 0n, data)
  }
  let segment = segmentOf(firstNeeded, segmentBytes)
  const after = nextRecordAt(nextRecordAt(segment, segmentBytes) + BigInt(record(0n).length), segmentBytes)
  const fits = after === firstNeeded || after + BigInt(RECORD_HEADER_BYTES) <= firstNeeded
  if (!fits) segment -= BigInt(segmentBytes)
  writer.jump(segment)
  const lsn = writer.next()
  writer.put(record(lsn))
  return lsn
}

/** Any number of records that do nothing, until one may begin at `target`. No room is left that is too small for a record. */
function fillTo(writer: Writer, identity: WalIdentity, target: bigint): void {
  const { segmentBytes } = identity
  const fits = (from: bigint, to: bigint): boolean => from === to || roomBetween(from, to, segmentBytes) >= RECORD_HEADER_BYTES
  while (writer.next() < target) {
    const next = writer.next()
    const end = segmentOf(next, segmentBytes) + BigInt(segmentBytes)
    const room = roomBetween(next, target, segmentBytes)
    if (end > target || room < 2 * RECORD_HEADER_BYTES) fillOnce(writer, identity, target)
    else if (!fits(next, end)) writer.put(makeFiller(writer.previous(), RECORD_HEADER_BYTES))
    else if (fits(nextRecordAt(end, segmentBytes), target)) switchTo(writer, end)
    else writer.put(makeFiller(writer.previous(), room))
  }
}

/** Exactly one record up to `target`, because the record there names the beginning of the one before it; none where none is missing. */
function fillOnce(writer: Writer, { segmentBytes }: WalIdentity, target: bigint): void {
  const next = writer.next()
  if (next >= target) return
  const segment = segmentOf(target, segmentBytes)
  const startsSegment = target === nextRecordAt(segment, segmentBytes)
  if (startsSegment && next < segment && roomBetween(next, segment, segmentBytes) >= RECORD_HEADER_BYTES) switchTo(writer, segment)
  else writer.put(makeFiller(writer.previous(), roomBetween(next, target, segmentBytes)))
}

function switchTo(writer: Writer, segment: bigint): void {
  writer.put(makeRecord(RECORD_INFO.switch, writer.previous(), new Uint8Array()))
  writer.jump(segment)
}

function createWriter(identity: WalIdentity): Writer {
  const pages = new Map<bigint, Uint8Array>()
  let [end, previous] = [0n, 0n]
  const open = (page: bigint, continuedBytes: number): Uint8Array => {
    const known = pages.get(page)
    if (known !== undefined) return known
    const made = makePage(identity, page, continuedBytes)
    pages.set(page, made)
    return made
  }
  return {
    pages,
    next: () => nextRecordAt(end, identity.segmentBytes),
    previous: () => previous,
    jump: (segment) => void (end = segment),
    put(record) {
      let at = nextRecordAt(end, identity.segmentBytes)
      previous = at
      for (let done = 0; done < record.length;) {
        const page = open(pageOf(at), done === 0 ? 0 : record.length - done)
        if (at % BigInt(WAL_PAGE_BYTES) === 0n) at += BigInt(pageHeaderBytes(at, identity.segmentBytes))
        const part = record.subarray(done, done + WAL_PAGE_BYTES - Number(at % BigInt(WAL_PAGE_BYTES)))
        page.set(part, Number(at % BigInt(WAL_PAGE_BYTES)))
        done += part.length
        at += BigInt(part.length)
      }
      end = at
    },
  }
}

/** `XLogPageHeaderData`, and `XLogLongPageHeaderData` at the beginning of a segment. */
function makePage({ magic, timeline, systemIdentifier, segmentBytes }: WalIdentity, page: bigint, continuedBytes: number): Uint8Array {
  const bytes = new Uint8Array(WAL_PAGE_BYTES)
  const view = new DataView(bytes.buffer)
  const isLong = page % BigInt(segmentBytes) === 0n
  view.setUint16(0, magic, true)
  view.setUint16(2, (continuedBytes > 0 ? FLAG.continued : 0) | (isLong ? FLAG.long : 0), true)
  view.setUint32(4, timeline, true)
  view.setBigUint64(POSITION_BYTES, page, true)
  view.setUint32(16, continuedBytes, true)
  if (!isLong) return bytes
  view.setBigUint64(24, systemIdentifier, true)
  view.setUint32(32, segmentBytes, true)
  view.setUint32(36, WAL_PAGE_BYTES, true)
  return bytes
}
