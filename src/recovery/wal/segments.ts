import type { ControlFile } from '../../core/facts.ts'
import { parseLsn } from '../../core/postgres/lsn.ts'
import { parseWalFileName, walFileName } from '../../core/postgres/wal-file.ts'
import { segmentOf as segmentStart, WAL_PAGE_BYTES } from '../../core/postgres/wal/layout.ts'
import { parseWalPage } from '../../core/postgres/wal/page-header.ts'
import type { WalStretch } from '../../core/postgres/wal/stretch.ts'
import type { StepContext } from '../step.ts'

const FILES_AT_MOST = 2_000

/** The files of `pg_wal` from the redo position on, as far as they follow one another whole. */
export interface WalRun {
  readonly directory: string
  readonly timeline: number
  readonly segmentBytes: number
  /** Of its first file; a recovery begins in it. */
  readonly startLsn: bigint
  /** Behind its last whole byte; the same as `startLsn` when the first file is missing. */
  readonly endLsn: bigint
  /** Why it ends where it does although files with higher names are there: "… is missing"; `undefined` when none is. */
  readonly gap: string | undefined
  /** Beginnings of the files behind the gap. */
  readonly behindGap: readonly bigint[]
}

/** Lists them. `undefined` when there is no `pg_wal`, or the redo position cannot be told. */
export async function findWalRun(context: StepContext, controlFile: ControlFile): Promise<WalRun | undefined> {
  const directory = `${context.cluster.dataDirectory}/pg_wal`
  const [redo, names] = [parseLsn(controlFile.redoLsn), await context.outside.files.list(directory)]
  if (redo === undefined || names === undefined) return undefined
  const { timeline, walSegmentBytes: segmentBytes } = controlFile
  const startLsn = segmentStart(redo, segmentBytes)
  const run = { directory, timeline, segmentBytes, startLsn, endLsn: startLsn, gap: undefined, behindGap: [] }
  return measure(context, run, listFrom(names, run))
}

/** The name of the file that holds `lsn`. */
export function fileOf(run: Pick<WalRun, 'timeline' | 'segmentBytes'>, lsn: bigint): string {
  return walFileName(run.timeline, lsn, run.segmentBytes)
}

/** The beginning of the file that holds `lsn`. */
export function segmentOf({ segmentBytes }: Pick<WalRun, 'segmentBytes'>, lsn: bigint): bigint {
  return segmentStart(lsn, segmentBytes)
}

/** Whether the file that begins at `lsn` was begun to be written at that position, so that all before it was on disk by then. */
export async function isBegun(context: StepContext, run: WalRun, lsn: bigint): Promise<boolean> {
  const { bytes } = await readWal(context, run, lsn, WAL_PAGE_BYTES)
  return parseWalPage(bytes, 0, lsn) !== undefined
}

/** At most `mostBytes` of WAL from `lsn` on; less where it ends. */
export async function readWal(context: StepContext, run: WalRun, lsn: bigint, mostBytes: number): Promise<WalStretch> {
  const parts: Uint8Array[] = []
  for (let [at, left] = [lsn, mostBytes]; left > 0;) {
    const offset = Number(at - segmentOf(run, at))
    const wanted = Math.min(left, run.segmentBytes - offset)
    const part = await context.outside.files.read(`${run.directory}/${fileOf(run, at)}`, { offset, maxBytes: wanted })
    if (part !== undefined) parts.push(part)
    if (part === undefined || part.length < wanted) break
    at += BigInt(wanted)
    left -= wanted
  }
  return {
    startLsn: lsn,
    segmentBytes: run.segmentBytes,
    bytes: parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts),
  }
}

function listFrom(names: readonly string[], { timeline, segmentBytes, startLsn }: WalRun): readonly bigint[] {
  return names
    .flatMap((name) => parseWalFileName(name, segmentBytes) ?? [])
    .filter((file) => file.timeline === timeline && file.startLsn >= startLsn)
    .map((file) => file.startLsn)
    .toSorted((left, right) => (left < right ? -1 : 1))
    .slice(0, FILES_AT_MOST)
}

async function measure(context: StepContext, run: WalRun, present: readonly bigint[]): Promise<WalRun> {
  let endLsn = run.startLsn
  for (const [index, lsn] of present.entries()) {
    const behindGap = present.slice(index)
    if (lsn !== endLsn) return { ...run, endLsn, gap: `${fileOf(run, endLsn)} is missing`, behindGap }
    const sizeBytes = (await context.outside.files.status(`${run.directory}/${fileOf(run, lsn)}`))?.sizeBytes ?? 0
    if (sizeBytes < run.segmentBytes) {
      const gap = `${fileOf(run, lsn)} has ${sizeBytes} bytes instead of ${run.segmentBytes}`
      return { ...run, endLsn: lsn + BigInt(sizeBytes - (sizeBytes % WAL_PAGE_BYTES)), gap, behindGap: behindGap.slice(1) }
    }
    endLsn += BigInt(run.segmentBytes)
  }
  return { ...run, endLsn }
}
