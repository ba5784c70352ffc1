import { formatLsn } from '../../core/postgres/lsn.ts'
import type { WalRecord } from '../../core/postgres/wal/cut-record.ts'
import type { RecordRelation } from '../../core/postgres/wal/page-line.ts'
import { readPageLine } from '../../core/postgres/wal/page-line.ts'
import type { StepContext } from '../step.ts'
import type { WalFiles, WalRange } from './wal-files.ts'
import { createRecordReader, describeRange } from './wal-files.ts'

/** Every record that made a page what it is, from the last one that holds the whole of it. */
export type PageRecords = { readonly ok: true; readonly records: readonly WalRecord[] } | { readonly ok: false; readonly why: string }

const FIRST_WINDOW_SEGMENTS = 64n
const WINDOW_GROWTH = 8n
const RECORDS_AT_MOST = 200_000

/**
 * Finds them with `pg_waldump`, which reads every record up to `endLsn`: so none is missed. The newest WAL is looked through
 * first, because a page is written as a whole after each checkpoint.
 */
export async function findPageRecords(
  context: StepContext,
  wal: WalFiles,
  relation: RecordRelation,
  block: number,
  endLsn: bigint,
  signal: AbortSignal,
): Promise<PageRecords> {
  const oldest = wal.ranges[0]?.startLsn ?? endLsn
  for (let window = FIRST_WINDOW_SEGMENTS * BigInt(wal.segmentBytes); ; window *= WINDOW_GROWTH) {
    const start = endLsn - window > oldest ? endLsn - window - ((endLsn - window) % BigInt(wal.segmentBytes)) : oldest
    const listed = await listRecords(context, wal, relation, block, { startLsn: start, endLsn }, signal)
    if (typeof listed === 'string') return { ok: false, why: listed }
    if (listed.length > 0) return readRecords(context, wal, listed)
    const where = `${describeRange({ startLsn: oldest, endLsn })}, which is all that is kept`
    if (start === oldest) return { ok: false, why: `block ${block} is nowhere whole in the WAL from ${where}` }
  }
}

/** Positions from the last record on that holds the page; empty where none does. A text tells why they could not be listed. */
async function listRecords(
  context: StepContext,
  wal: WalFiles,
  relation: RecordRelation,
  block: number,
  window: { readonly startLsn: bigint; readonly endLsn: bigint },
  signal: AbortSignal,
): Promise<readonly bigint[] | string> {
  let lsns: bigint[] = []
  let lastLsn = 0n
  const take = (line: string): void => {
    const record = readPageLine(line, relation, block)
    if (record === undefined || record.lsn <= lastLsn) return
    lastLsn = record.lsn
    if (record.holdsPage) lsns = [record.lsn]
    else if (lsns.length > 0 && lsns.length <= RECORDS_AT_MOST) lsns.push(record.lsn)
  }
  for (const range of wal.ranges) {
    const [start, end] = [later(range.startLsn, window.startLsn), earlier(range.endLsn, window.endLsn)]
    const failure = start < end ? await dump(context, wal, range, { start, end }, { relation, block }, take, signal) : undefined
    if (failure !== undefined) return failure
  }
  if (lsns.length <= RECORDS_AT_MOST) return lsns
  return `block ${block} was changed more than ${RECORDS_AT_MOST} times since it was written as a whole`
}

async function dump(
  context: StepContext,
  wal: WalFiles,
  { directory }: WalRange,
  { start, end }: { readonly start: bigint; readonly end: bigint },
  { relation, block }: { readonly relation: RecordRelation; readonly block: number },
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { tablespaceOid, databaseOid, filenode } = relation
  const page = [`--relation=${tablespaceOid}/${databaseOid}/${filenode}`, `--block=${block}`, '--fork=main']
  const where = [`--path=${directory}`, `--timeline=${wal.timeline}`, `--start=${formatLsn(start)}`, `--end=${formatLsn(end)}`]
  const file = `${context.cluster.binaryDirectory}/pg_waldump`
  const timeoutMs = context.settings.repair.statementTimeoutMs
  const result = await context.outside.commands.run({ file, arguments: [...where, ...page], timeoutMs, onLine }, signal)
  if (result.outcome === 'exited' && result.exitCode === 0) return undefined
  const said = result.stderr.trim().split('\n').at(-1) ?? ''
  return `the WAL from ${describeRange({ startLsn: start, endLsn: end })} could not be read: ${said === '' ? result.outcome : said}`
}

async function readRecords(context: StepContext, wal: WalFiles, lsns: readonly bigint[]): Promise<PageRecords> {
  const read = createRecordReader(context, wal)
  const records: WalRecord[] = []
  for (const lsn of lsns) {
    const record = await read(lsn)
    if (record === undefined) return { ok: false, why: `the WAL record at ${formatLsn(lsn)} is not whole` }
    records.push(record)
  }
  return { ok: true, records }
}

function later(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}

function earlier(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}
