import { formatLsn } from '../../core/postgres/lsn.ts'
import { cutRecord, pagesNeeded } from '../../core/postgres/wal/cut-record.ts'
import type { WalRecord } from '../../core/postgres/wal/cut-record.ts'
import { pageOf, WAL_PAGE_BYTES } from '../../core/postgres/wal/layout.ts'
import { parseWalFileName, walFileName } from '../../core/postgres/wal-file.ts'
import type { StepContext } from '../step.ts'

/** Consecutive segments in one directory. */
export interface WalRange {
  readonly directory: string
  readonly startLsn: bigint
  readonly endLsn: bigint
}

/** The WAL of one timeline, as far back as it is kept without a gap: in `pg_wal`, and before that in the archive. */
export interface WalFiles {
  readonly timeline: number
  readonly segmentBytes: number
  /** The oldest first; the archive's reaches into `pg_wal`'s by one segment, because a record may begin in one and end in the other. */
  readonly ranges: readonly WalRange[]
}

/** What of a timeline's WAL up to `endLsn` is there; no range where not even the last segment is. */
export async function findWalFiles(context: StepContext, timeline: number, segmentBytes: number, endLsn: bigint): Promise<WalFiles> {
  const { dataDirectory, walArchive } = context.cluster
  const list = (directory: string): Promise<ReadonlySet<bigint>> => listSegments(context, directory, timeline, segmentBytes)
  const bytes = BigInt(segmentBytes)
  const end = endLsn - (endLsn % bytes) + bytes
  const inPlace = `${dataDirectory}/pg_wal`
  const start = goBack(await list(inPlace), end, bytes)
  if (start === end) return { timeline, segmentBytes, ranges: [] }
  const own = { directory: inPlace, startLsn: start, endLsn: end }
  const archived = walArchive === undefined ? new Set<bigint>() : await list(walArchive)
  const overlap = archived.has(start) ? start + bytes : start
  const archiveStart = goBack(archived, overlap, bytes)
  const archive = archiveStart < start ? [{ directory: walArchive ?? '', startLsn: archiveStart, endLsn: overlap }] : []
  return { timeline, segmentBytes, ranges: [...archive, own] }
}

async function listSegments(context: StepContext, directory: string, timeline: number, segmentBytes: number): Promise<ReadonlySet<bigint>> {
  const names = (await context.outside.files.list(directory)) ?? []
  const files = names.flatMap((name) => parseWalFileName(name, segmentBytes) ?? [])
  return new Set(files.filter((file) => file.timeline === timeline).map((file) => file.startLsn))
}

/** The first segment of the unbroken row that ends at `end`. */
function goBack(segments: ReadonlySet<bigint>, end: bigint, bytes: bigint): bigint {
  let start = end
  while (start >= bytes && segments.has(start - bytes)) start -= bytes
  return start
}

/** Reads single records; `undefined` for one that is not there as a whole, as where its file was recycled meanwhile. */
export function createRecordReader(context: StepContext, wal: WalFiles): (lsn: bigint) => Promise<WalRecord | undefined> {
  let chunk: { readonly start: bigint; readonly bytes: Uint8Array } = { start: 0n, bytes: new Uint8Array() }
  const has = (lsn: bigint, bytes: number): boolean => lsn >= chunk.start && lsn + BigInt(bytes) <= chunk.start + BigInt(chunk.bytes.length)
  const load = async (lsn: bigint, bytes: number): Promise<void> => {
    if (!has(lsn, bytes)) chunk = { start: lsn, bytes: await readPages(context, wal, lsn, Math.max(bytes, CHUNK_BYTES)) }
  }
  return async (lsn) => {
    const page = pageOf(lsn)
    await load(page, WAL_PAGE_BYTES)
    if (!has(page, WAL_PAGE_BYTES)) return undefined
    const first = chunk.bytes.subarray(Number(page - chunk.start), Number(page - chunk.start) + WAL_PAGE_BYTES)
    await load(page, pagesNeeded(first, Number(lsn - page)))
    return cutRecord(chunk.bytes.subarray(Number(page - chunk.start)), page, lsn, wal.segmentBytes)
  }
}

const CHUNK_BYTES = 1 << 20

/** Pages from `lsn` on, over the ends of files; fewer where the WAL ends. */
async function readPages(context: StepContext, wal: WalFiles, lsn: bigint, bytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (let [at, left] = [lsn, bytes]; left > 0;) {
    const range = wal.ranges.findLast(({ startLsn, endLsn }) => at >= startLsn && at < endLsn)
    if (range === undefined) break
    const offset = Number(at % BigInt(wal.segmentBytes))
    const limits = { offset, maxBytes: Math.min(left, wal.segmentBytes - offset) }
    const file = `${range.directory}/${walFileName(wal.timeline, at, wal.segmentBytes)}`
    const part = await context.outside.files.read(file, limits)
    if (part === undefined || part.length === 0) break
    parts.push(part)
    at += BigInt(part.length)
    left -= part.length
  }
  return Buffer.concat(parts)
}

/** "0/3000000 to 0/5000000", for people. */
export function describeRange({ startLsn, endLsn }: Pick<WalRange, 'startLsn' | 'endLsn'>): string {
  return `${formatLsn(startLsn)} to ${formatLsn(endLsn)}`
}

/** `xlp_magic` of the page that holds `lsn`, which is the version of the WAL. */
export async function readWalMagic(context: StepContext, wal: WalFiles, lsn: bigint): Promise<number | undefined> {
  const page = await readPages(context, wal, pageOf(lsn), WAL_PAGE_BYTES)
  return page.length < WAL_PAGE_BYTES ? undefined : new DataView(page.buffer, page.byteOffset).getUint16(0, true)
}
