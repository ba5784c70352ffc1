import t from 'tap'
import type { Test } from 'tap'
import { crc32c } from '../../../src/core/postgres/crc32c.ts'
import { cutRecord, pagesNeeded } from '../../../src/core/postgres/wal/cut-record.ts'
import type { WalRecord } from '../../../src/core/postgres/wal/cut-record.ts'
import { nextRecordAt, pageOf, WAL_PAGE_BYTES } from '../../../src/core/postgres/wal/layout.ts'
import { readPageLine } from '../../../src/core/postgres/wal/page-line.ts'
import { isWholeRecord, makeFiller, makeRecord, previousOf } from '../../../src/core/postgres/wal/record.ts'
import { layOutTape } from '../../../src/core/postgres/wal/tape.ts'
import type { Tape } from '../../../src/core/postgres/wal/tape.ts'
import { createFakeRandom } from '../../fakes/random.ts'

/** Smaller than any that PostgreSQL knows, so that there are many ends of segments. */
const SEGMENT = 2 * WAL_PAGE_BYTES
const IDENTITY = { magic: 0xd110, timeline: 3, systemIdentifier: 7_710_445_708_704_317_087n, segmentBytes: SEGMENT }
const CHECKPOINT = new Uint8Array(88).fill(7)
const [SWITCH, NOOP] = [0x40, 0x20]

/** A WAL as a server writes it: records of many lengths one after the other, over the ends of pages and segments. */
function writeWal(random: () => number, count: number, longest = 60): readonly WalRecord[] {
  const records: WalRecord[] = []
  let [end, previous] = [5n * BigInt(SEGMENT), 8n]
  for (let index = 0; index < count; index += 1) {
    const lsn = nextRecordAt(end, SEGMENT)
    const length = Math.floor(random() * (random() < 0.05 ? 5 * WAL_PAGE_BYTES : longest))
    const bytes = makeRecord(
      0xb0,
      previous,
      Uint8Array.from({ length }, () => Math.floor(random() * 256)),
    )
    end = advance(lsn, bytes.length)
    records.push({ lsn, bytes, endLsn: (end + 7n) & ~7n })
    previous = lsn
  }
  return records
}

/** Short enough to be compared by people. */
function describe(record: WalRecord | undefined): string {
  return record === undefined ? 'none' : `${record.lsn}-${record.endLsn}:${crc32c(record.bytes)}`
}

/** Where a record ends that begins at `lsn`. */
function advance(lsn: bigint, length: number): bigint {
  let [at, left] = [lsn, length]
  while (left > 0) {
    if (at % BigInt(WAL_PAGE_BYTES) === 0n) at += at % BigInt(SEGMENT) === 0n ? 40n : 24n
    const part = Math.min(left, WAL_PAGE_BYTES - Number(at % BigInt(WAL_PAGE_BYTES)))
    at += BigInt(part)
    left -= part
  }
  return at
}

/** Reads a tape as redo does: one record after the other, each naming the one before, until there is none. */
function readTape(t: Test, tape: Tape): readonly WalRecord[] {
  const records: WalRecord[] = []
  let [lsn, previous] = [tape.checkpointLsn, 0n]
  for (;;) {
    const record = cutFrom(tape, lsn)
    if (record === undefined) return records
    if (previousOf(record.bytes) !== previous) t.fail('each record names the one before')
    records.push(record)
    previous = lsn
    const isSwitch = record.bytes[16] === SWITCH && record.bytes[17] === 0
    const end = isSwitch ? record.endLsn + BigInt(SEGMENT) - 1n - ((record.endLsn + BigInt(SEGMENT) - 1n) % BigInt(SEGMENT)) : record.endLsn
    lsn = nextRecordAt(end, SEGMENT)
  }
}

function cutFrom(tape: Tape, lsn: bigint): WalRecord | undefined {
  const start = pageOf(lsn)
  const pages: Uint8Array[] = []
  for (let page = start; tape.pages.has(page) && pages.length < 8; page += BigInt(WAL_PAGE_BYTES))
    pages.push(tape.pages.get(page) ?? new Uint8Array())
  return pages.length === 0 ? undefined : cutRecord(Buffer.concat(pages), start, lsn, SEGMENT)
}

t.test('redo finds exactly the chosen records on a tape, as they were written and where they were written', async (t) => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const random = createFakeRandom(seed).fraction
    const wal = writeWal(random, 400, seed % 2 === 0 ? 12 : 60)
    const share = seed % 4 < 2 ? 0.5 : random() ** 3
    const chosen = wal.filter((_, index) => index > 0 && random() < share)
    if (chosen.length === 0) continue
    const tape = layOutTape(IDENTITY, CHECKPOINT, chosen)
    const [checkpoint, ...others] = readTape(t, tape)
    t.equal(checkpoint?.bytes.length, 24 + 2 + 88)
    t.equal(Buffer.from(checkpoint?.bytes ?? []).readBigUInt64LE(26), tape.checkpointLsn, 'redo begins at the checkpoint itself')
    const isFiller = ({ bytes }: WalRecord): boolean => bytes[17] === 0 && (bytes[16] === SWITCH || bytes[16] === NOOP)
    t.equal(
      others
        .filter((record) => !isFiller(record))
        .map(describe)
        .join(),
      chosen.map(describe).join(),
      `seed ${seed}`,
    )
  }
})

t.test('every page of a tape says where it is, whose it is, and how much of a record goes on in it', async (t) => {
  const wal = writeWal(createFakeRandom(5).fraction, 300)
  const tape = layOutTape(
    IDENTITY,
    CHECKPOINT,
    [wal[20], wal[200]].flatMap((record) => record ?? []),
  )
  for (const [page, bytes] of tape.pages) {
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const isFirst = page % BigInt(SEGMENT) === 0n
    t.equal(view.getUint16(0, true), IDENTITY.magic)
    t.equal(view.getBigUint64(8, true), page)
    t.equal(view.getUint32(4, true), 3)
    t.equal(view.getUint16(2, true) & 2, isFirst ? 2 : 0)
    t.equal(view.getUint16(2, true) & 1, view.getUint32(16, true) > 0 ? 1 : 0)
    if (isFirst) t.equal(view.getBigUint64(24, true), IDENTITY.systemIdentifier)
  }
})

t.test('a record is cut out whole or not at all', async (t) => {
  const wal = writeWal(createFakeRandom(9).fraction, 60).slice(1)
  const tape = layOutTape(IDENTITY, CHECKPOINT, wal)
  const start = pageOf(wal[0]?.lsn ?? 0n)
  const pages = Buffer.concat([...tape.pages].filter(([page]) => page >= start).map(([, bytes]) => bytes))
  for (const record of wal) {
    t.equal(describe(cutRecord(pages, start, record.lsn, SEGMENT)), describe(record))
    const page = pages.subarray(Number(pageOf(record.lsn) - start))
    const enough = page.subarray(0, pagesNeeded(page, Number(record.lsn - pageOf(record.lsn))))
    t.equal(describe(cutRecord(enough, pageOf(record.lsn), record.lsn, SEGMENT)), describe(record), 'in as many pages as are needed')
    const flipped = Buffer.from(pages)
    const at = Number(record.lsn - start) + 4
    flipped[at] = (flipped[at] ?? 0) ^ 1
    t.equal(describe(cutRecord(flipped, start, record.lsn, SEGMENT)), 'none', 'not with a wrong byte')
  }
  const last = wal.at(-1)?.lsn ?? 0n
  t.equal(describe(cutRecord(pages.subarray(0, Number(last - start) + 10), start, last, SEGMENT)), 'none', 'not when cut short')
  t.equal(describe(cutRecord(pages, start + BigInt(SEGMENT), last + BigInt(SEGMENT), SEGMENT)), 'none', 'not from pages of another place')
})

t.test('records that do nothing can have any length', async (t) => {
  for (let bytes = 24; bytes < 1_000; bytes += 8) {
    const filler = makeFiller(0x1234n, bytes)
    t.equal(filler.length, bytes)
    t.ok(isWholeRecord(filler))
  }
})

t.test('lines of pg_waldump, of several versions: which touch the page, and which hold the whole of it', async (t) => {
  const relation = { tablespaceOid: 1663, databaseOid: 5, filenode: 16384 }
  const read = (rest: string, block = 50) =>
    readPageLine(
      `rmgr: Heap        len (rec/tot):     75/    75, tx:        724, lsn: 0/0188B348, prev 0/0188B308, desc: ${rest}`,
      relation,
      block,
    )
  const lsn = 0x188b348n
  const ours = 'blkref #0: rel 1663/5/16384 blk 50'
  t.same(read(`INSERT off 156 flags 0x00, ${ours}`), { lsn, holdsPage: false })
  t.same(read(`INSERT+INIT off: 1, flags: 0x00, ${ours}`), { lsn, holdsPage: true })
  t.same(read(`FPI_FOR_HINT , ${ours} FPW`), { lsn, holdsPage: true })
  t.same(read(`INSERT off 1, ${ours} FPW for WAL verification`), { lsn, holdsPage: false })
  t.same(read(`UPDATE+INIT off 3, blkref #0: rel 1663/5/16384 blk 51, blkref #1: rel 1663/5/16384 blk 50`), { lsn, holdsPage: false })
  t.same(read(`VISIBLE cutoff xid 724, blkref #0: rel 1663/5/16384 fork vm blk 50, blkref #1: rel 1663/5/16384 blk 50`), {
    lsn,
    holdsPage: false,
  })
  t.equal(read(`VISIBLE cutoff xid 724, blkref #0: rel 1663/5/16384 fork vm blk 50, blkref #1: rel 1663/5/16384 blk 51`), undefined)
  t.equal(read(`INSERT off 156, blkref #0: rel 1663/5/16384 blk 500`), undefined)
  t.equal(read(`INSERT off 156, blkref #0: rel 1663/5/163840 blk 50`), undefined)
  t.equal(readPageLine('first record is after 0/1000028, at 0/1000060, skipping over 56 bytes', relation, 50), undefined)
})
