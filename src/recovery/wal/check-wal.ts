import type { ControlFile } from '../../core/facts.ts'
import { formatLsn, parseLsn } from '../../core/postgres/lsn.ts'
import { pageOf } from '../../core/postgres/wal/layout.ts'
import { readRecord } from '../../core/postgres/wal/stretch.ts'
import type { StepContext } from '../step.ts'
import { judgePlace, reachesTo } from './judge-place.ts'
import type { WalRun } from './segments.ts'
import { fileOf, findWalRun, isBegun, readWal, segmentOf } from './segments.ts'
import type { Dump } from './waldump.ts'
import { dumpWal } from './waldump.ts'

/** Committed transactions are at stake: a start would lose them without a word, or cannot succeed. */
export interface WalDamage {
  /** The file of `pg_wal` in which the damage lies, or which is missing. */
  readonly file: string
  /** "000000010000000000000007 is damaged at 0/74C4B38: record with incorrect prev-link", a sentence for people. */
  readonly sentence: string
  /** What lies behind it; a sentence, empty when that is not known. */
  readonly behind: string
  /** From the redo position to the last file that recovery would read. */
  readonly files: readonly string[]
}

export type WalVerdict =
  /** Recovery will read everything that was promised. `remark` tells what it will leave aside, and why that is well; mostly empty. */
  | { readonly status: 'whole'; readonly remark: string }
  | { readonly status: 'damaged'; readonly damage: WalDamage }
  | { readonly status: 'unchecked'; readonly why: string }

const WHOLE: WalVerdict = { status: 'whole', remark: '' }
const RECORD_READ_BYTES = 1 << 20
const FILES_LOOKED_AT = 64

/**
 * Reads the WAL that the recovery of a crashed server would read, before it does: recovery takes the first record that it cannot read
 * for the end, and the server serves without what follows. Changes nothing.
 */
export async function checkWal(context: StepContext, controlFile: ControlFile, signal: AbortSignal): Promise<WalVerdict> {
  if (controlFile.minRecoveryTimeline > controlFile.timeline)
    return { status: 'unchecked', why: `a switch to timeline ${controlFile.minRecoveryTimeline} came after the last checkpoint` }
  const run = await findWalRun(context, controlFile)
  if (run === undefined) return { status: 'unchecked', why: 'pg_wal cannot be listed' }
  const unreadable = await findUnreadableStart(context, run, controlFile)
  if (unreadable !== undefined) return damaged(run, run.startLsn, `recovery begins at ${controlFile.redoLsn}, and ${unreadable}`, '')
  const dump = await dumpWal(context, run, controlFile.redoLsn, signal)
  if (dump.status === 'unknown') return { status: 'unchecked', why: dump.why }
  if (dump.status === 'nothing') return damaged(run, run.startLsn, `recovery begins at ${controlFile.redoLsn}, and ${dump.words}`, '')
  return judge(context, controlFile, run, dump, signal)
}

/** Of each file the first page is read before any other. */
async function findUnreadableStart(context: StepContext, run: WalRun, { redoLsn }: ControlFile): Promise<string | undefined> {
  if (run.endLsn <= (parseLsn(redoLsn) ?? 0n)) return gapOf(run)
  return (await isBegun(context, run, run.startLsn)) ? undefined : `the first page of ${fileOf(run, run.startLsn)} is not what it was`
}

async function judge(
  context: StepContext,
  controlFile: ControlFile,
  run: WalRun,
  dump: Extract<Dump, { status: 'whole' | 'ends' }>,
  signal: AbortSignal,
): Promise<WalVerdict> {
  const endLsn = dump.status === 'whole' ? run.endLsn : await endOfRecord(context, run, dump.lastLsn)
  const place = `it can be read only to ${formatLsn(endLsn)}: ${dump.status === 'whole' ? gapOf(run) : dump.words}`
  const missed = (await findMissed(context, controlFile, run, endLsn)) ?? (await findBegun(context, run))
  if (dump.status === 'whole') return missed === undefined ? WHOLE : damaged(run, endLsn, place, missed)
  const judged = await judgePlace(context, { controlFile, run, endLsn, signal })
  if (missed !== undefined || judged.verdict === 'lost')
    return damaged(run, endLsn, place, [missed, judged.behind].filter((each) => each !== undefined && each !== '').join('; '))
  return judged.verdict === 'end' ? WHOLE : { status: 'whole', remark: `the WAL ends at ${formatLsn(endLsn)}; ${judged.behind}` }
}

/** What was certainly on disk and lies behind the end. */
async function findMissed(context: StepContext, { checkpointLsn }: ControlFile, run: WalRun, endLsn: bigint): Promise<string | undefined> {
  if (endLsn <= (parseLsn(checkpointLsn) ?? 0n)) return `the last checkpoint, at ${checkpointLsn}, lies behind that`
  const { flushedLsn } = context
  const flushed = parseLsn(flushedLsn ?? '') ?? 0n
  if (flushed <= endLsn || (await reachesTo(context, run, endLsn, flushed))) return undefined
  return `the server had said that its WAL was on disk up to ${flushedLsn}`
}

/** Behind a gap lie files that were recycled and not used yet, or, if one was begun, what is missing was written and is gone. */
async function findBegun(context: StepContext, run: WalRun): Promise<string | undefined> {
  for (const lsn of run.behindGap.slice(0, FILES_LOOKED_AT))
    if (await isBegun(context, run, lsn)) return `${fileOf(run, lsn)} was written after it`
  return undefined
}

/** Where the record after the last whole one begins, or should. */
async function endOfRecord(context: StepContext, run: WalRun, lsn: bigint): Promise<bigint> {
  const stretch = await readWal(context, run, pageOf(lsn), RECORD_READ_BYTES)
  return readRecord(stretch, lsn)?.endLsn ?? lsn
}

function gapOf(run: WalRun): string {
  return run.gap ?? `${fileOf(run, run.endLsn)} is missing`
}

function damaged(run: WalRun, lsn: bigint, what: string, behind: string): WalVerdict {
  const file = fileOf(run, lsn)
  const lsns = [...filesBetween(run), ...run.behindGap]
  return {
    status: 'damaged',
    damage: { file, sentence: `the WAL is damaged in ${file}: ${what}`, behind, files: lsns.map((each) => fileOf(run, each)) },
  }
}

function filesBetween(run: WalRun): readonly bigint[] {
  const count = Number((run.endLsn - run.startLsn + BigInt(run.segmentBytes) - 1n) / BigInt(run.segmentBytes))
  return Array.from({ length: count }, (_, index) => segmentOf(run, run.startLsn) + BigInt(index) * BigInt(run.segmentBytes))
}
