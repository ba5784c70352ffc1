import fc from 'fast-check'
import t from 'tap'
import type { WalChain } from '../../../src/core/postgres/wal/behind.ts'
import { findBehind, goOnWith, lastCommitBefore } from '../../../src/core/postgres/wal/behind.ts'
import { commitTimeOf } from '../../../src/core/postgres/wal/commit.ts'
import type { WalStretch } from '../../../src/core/postgres/wal/stretch.ts'
import { announcedBytes, readRecord } from '../../../src/core/postgres/wal/stretch.ts'
import type { WalEnd } from '../../../src/core/postgres/wal/verdict.ts'
import { judgeWalEnd } from '../../../src/core/postgres/wal/verdict.ts'
import { makeCommit, makeWal } from './make-wal.ts'
import type { MadeRecord, MadeWal } from './make-wal.ts'

const START = 0x1700000n
const SEGMENT_BYTES = 1 << 20
const NOON = Date.UTC(2026, 10, 21, 12)

function stretchOf({ startLsn, bytes }: Pick<MadeWal, 'startLsn' | 'bytes'>): WalStretch {
  return { startLsn, bytes, segmentBytes: SEGMENT_BYTES }
}

/** Every record from the first on, until one is not right. */
function readAll(stretch: WalStretch): bigint[] {
  const found: bigint[] = []
  for (let record = readRecord(stretch, START); record !== undefined; record = readRecord(stretch, record.endLsn)) found.push(record.lsn)
  return found
}

/** Many pages of records, a commit among each ten. */
function manyRecords(count: number): MadeRecord[] {
  return Array.from({ length: count }, (_, index) =>
    index % 10 === 9 ? makeCommit(NOON + index) : { data: new Uint8Array(200).fill(index) },
  )
}

t.test('records are read as they were written, over pages and segments', async (t) => {
  const lengths = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(lengths, (sizes) => {
      const wal = makeWal(
        START,
        3 * SEGMENT_BYTES,
        sizes.map((size) => ({ data: new Uint8Array(size).fill(size) })),
      )
      t.strictSame(readAll(stretchOf(wal)), wal.lsns)
    }),
    { numRuns: 50 },
  )
})

t.test('a flipped bit anywhere in a record is seen', async (t) => {
  const wal = makeWal(START, SEGMENT_BYTES, [{ data: new Uint8Array(9_000).fill(3) }, {}])
  const first = wal.lsns[0] ?? 0n
  for (let offset = Number(first - START); offset < Number((wal.lsns[1] ?? 0n) - START); offset += 97) {
    const bytes = wal.bytes.slice()
    bytes[offset] = (bytes[offset] ?? 0) ^ 0x10
    const isSeen = readRecord(stretchOf({ startLsn: START, bytes }), first) === undefined
    t.ok(isSeen || offset % 8192 < 24, `byte ${offset}`)
  }
})

t.test('the rest of a file is left empty after a switch', async (t) => {
  const wal = makeWal(START, 2 * SEGMENT_BYTES, [{ manager: 0, info: 0x40, data: new Uint8Array(0) }])
  t.equal(readRecord(stretchOf(wal), START)?.endLsn, START + BigInt(SEGMENT_BYTES))
})

t.test('when a transaction was committed', async (t) => {
  const long = new Uint8Array(13)
  long.set(makeCommit(NOON).data?.subarray(2) ?? [], 5)
  long.set([254, 8, 0, 0, 0])
  const prepared = new Uint8Array(26)
  prepared.set([255, 24])
  prepared.set(makeCommit(NOON).data?.subarray(2) ?? [], 18)
  const withOrigin = new Uint8Array([253, 1, 0, ...(makeCommit(NOON).data ?? [])])
  const timeOf = (record: MadeRecord): number | undefined => {
    const read = readRecord(stretchOf(makeWal(START, SEGMENT_BYTES, [record])), START)
    return read && commitTimeOf(read)
  }
  t.equal(timeOf(makeCommit(NOON)), NOON)
  t.equal(timeOf({ manager: 1, info: 0x80, data: long }), NOON)
  t.equal(timeOf({ manager: 1, info: 0x30, data: withOrigin }), NOON)
  t.equal(timeOf({ manager: 1, info: 0x10, data: prepared }), NOON)
  t.equal(timeOf({ manager: 1, info: 0x20, data: makeCommit(NOON).data ?? long }), undefined, 'an abort')
  t.equal(timeOf({ manager: 10, data: makeCommit(NOON).data ?? long }), undefined, 'another manager')
  t.equal(timeOf({ manager: 1, data: new Uint8Array([255]) }), undefined, 'too short')
  t.equal(timeOf({ manager: 1, data: new Uint8Array([3, 0]) }), undefined, 'something unknown')
})

t.test('behind a record that cannot be read lie others', async (t) => {
  const wal = makeWal(START, SEGMENT_BYTES, manyRecords(500))
  const [bad, next] = [wal.lsns[123] ?? 0n, wal.lsns[125] ?? 0n]
  const bytes = wal.bytes.slice()
  const at = Number(bad - START) + 30
  bytes[at] = (bytes[at] ?? 0) ^ 1
  const behind = findBehind(stretchOf({ startLsn: START, bytes }), bad)
  t.ok(behind !== undefined && behind.firstLsn > next, 'only those on later pages count')
  t.match(behind, { lastCommitMs: NOON + 499, endLsn: wal.endLsn })
  t.equal(lastCommitBefore(stretchOf(wal), bad), NOON + 119)
  t.equal(lastCommitBefore(stretchOf({ startLsn: START, bytes }), wal.endLsn), NOON + 499, 'also past a record that was cut short')
})

t.test('an end has nothing behind it, whatever the files held before', async (t) => {
  const wal = makeWal(START, SEGMENT_BYTES, manyRecords(300))
  t.equal(findBehind(stretchOf(wal), wal.endLsn), undefined, 'zeros')
  const old = makeWal(START - BigInt(SEGMENT_BYTES), SEGMENT_BYTES, manyRecords(3000))
  const recycled = old.bytes.slice()
  const lastPage = Math.ceil(Number(wal.endLsn - START) / 8192) * 8192
  recycled.set(wal.bytes.subarray(0, lastPage))
  t.equal(findBehind(stretchOf({ startLsn: START, bytes: recycled }), wal.endLsn), undefined, 'pages of a segment that was recycled')
  const whole = makeWal(START, SEGMENT_BYTES, [...manyRecords(300), { data: new Uint8Array(40_000).fill(9) }, {}])
  const begun = whole.lsns[300] ?? 0n
  const cut = Number(begun - START) + 20_000
  const bytes = whole.bytes.slice()
  bytes.fill(0, cut - (cut % 8192))
  t.equal(findBehind(stretchOf({ startLsn: START, bytes }), begun), undefined, 'a long record that was written in part')
  t.ok((announcedBytes(stretchOf({ startLsn: START, bytes }), begun) ?? 0) > 40_000)
})

t.test('records that follow on the page of the place do not count: they may have been put there before it was finished', async (t) => {
  const wal = makeWal(START, SEGMENT_BYTES, [{}, {}, {}, makeCommit(NOON), {}])
  const bytes = wal.bytes.slice()
  bytes.fill(0, Number((wal.lsns[2] ?? 0n) - START), Number((wal.lsns[3] ?? 0n) - START))
  t.equal(findBehind(stretchOf({ startLsn: START, bytes }), wal.lsns[2] ?? 0n), undefined)
})

t.test('a chain goes on in the next stretch', async (t) => {
  const wal = makeWal(START, SEGMENT_BYTES, [...Array.from({ length: 1000 }, () => ({ data: new Uint8Array(300) })), makeCommit(NOON)])
  const half = 16 * 8192
  const cut = findBehind(stretchOf({ startLsn: START, bytes: wal.bytes.subarray(0, half) }), START + 100n)
  t.match(cut, { commits: 0 })
  if (cut === undefined) return
  const page = cut.endLsn - (cut.endLsn % 8192n)
  const rest = stretchOf({ startLsn: page, bytes: wal.bytes.subarray(Number(page - START)) })
  t.match(goOnWith(cut, rest), { firstLsn: cut.firstLsn, commits: 1, firstCommitMs: NOON, endLsn: wal.endLsn })
  t.equal(goOnWith(cut, stretchOf({ startLsn: page, bytes: new Uint8Array(8192) })), cut)
})

t.test('damage is told from an end', async (t) => {
  const chain: WalChain = { firstLsn: 1n, lastLsn: 2n, endLsn: 3n, records: 9, commits: 2, firstCommitMs: NOON, lastCommitMs: NOON + 5 }
  const judge = (changes: Partial<WalEnd>) =>
    judgeWalEnd({ behind: chain, filesBetween: 0, mayGoOn: false, sameKernel: true, flushes: true, lastKnownMs: NOON - 1000, ...changes })
  t.match(judge({}), { verdict: 'lost' })
  t.match(judge({ behind: undefined }), { verdict: 'end' })
  t.match(judge({ behind: { ...chain, commits: 0, lastCommitMs: undefined } }), { verdict: 'remains', because: /no transaction/ })
  t.match(judge({ lastKnownMs: NOON + 10_000 }), { verdict: 'remains', because: /earlier recovery/ })
  t.match(judge({ lastKnownMs: NOON + 900 }), { verdict: 'lost' }, 'clocks of a second')
  t.match(judge({ sameKernel: false }), { verdict: 'remains', because: /restarted/ }, 'a power cut may leave a hole in the last file')
  t.match(judge({ sameKernel: false, filesBetween: 1 }), { verdict: 'lost' }, 'but not in a file before it')
  t.match(judge({ sameKernel: false, filesBetween: 1, mayGoOn: true }), { verdict: 'remains' })
  t.match(judge({ sameKernel: false, filesBetween: 2, mayGoOn: true }), { verdict: 'lost' })
  t.match(judge({ sameKernel: false, filesBetween: 3, flushes: false }), { verdict: 'remains', because: /fsync/ })
})
