import type { ControlFile } from '../../core/facts.ts'
import { formatLsn } from '../../core/postgres/lsn.ts'
import { parsePostmasterPid } from '../../core/postgres/postmaster-pid.ts'
import type { WalChain } from '../../core/postgres/wal/behind.ts'
import { findBehind, goOnWith, lastCommitBefore } from '../../core/postgres/wal/behind.ts'
import { pageOf, WAL_PAGE_BYTES } from '../../core/postgres/wal/layout.ts'
import { announcedBytes } from '../../core/postgres/wal/stretch.ts'
import type { WalJudgement } from '../../core/postgres/wal/verdict.ts'
import { judgeWalEnd } from '../../core/postgres/wal/verdict.ts'
import { readConfigured } from '../server/configuration.ts'
import type { StepContext } from '../step.ts'
import type { WalRun } from './segments.ts'
import { fileOf, isBegun, readWal, segmentOf } from './segments.ts'

/** The place at which the WAL can no longer be read. */
export interface Place {
  readonly controlFile: ControlFile
  readonly run: WalRun
  /** Where the last whole record ends. */
  readonly endLsn: bigint
  readonly signal: AbortSignal
}

/** Whether that is the end, or damage. */
export interface PlaceJudgement {
  readonly verdict: WalJudgement['verdict']
  /** A clause about the records behind it, and why they do not count; empty when there are none. */
  readonly behind: string
}

const STRETCH_BYTES = 16 << 20
const FILES_LOOKED_AT = 64
/** Of each page a record may not use what its header takes. */
const LARGEST_PAGE_HEADER_BYTES = 40
/** How far behind the place a first commit is looked for. */
const FARTHEST_BYTES = 512n << 20n

export async function judgePlace(context: StepContext, place: Place): Promise<PlaceJudgement> {
  const { run, endLsn, signal } = place
  const behind = await lookBehind(context, place)
  if (behind === undefined) return { verdict: 'end', behind: '' }
  const judged = judgeWalEnd({
    behind,
    filesBetween: Number((segmentOf(run, behind.firstLsn) - segmentOf(run, endLsn)) / BigInt(run.segmentBytes)),
    mayGoOn: await reachesTo(context, run, endLsn, segmentOf(run, endLsn) + BigInt(run.segmentBytes)),
    sameKernel: await isSameKernel(context),
    flushes: await flushes(context, signal),
    lastKnownMs: await lastKnown(context, place),
  })
  return { verdict: judged.verdict, behind: `${describe(run, behind)}${judged.verdict === 'remains' ? `, and ${judged.because}` : ''}` }
}

/** In the rest of the file, then in the files after it that were begun; then on until a commit is found, or none within reach. */
async function lookBehind(context: StepContext, { run, endLsn, signal }: Place): Promise<WalChain | undefined> {
  for (const from of startsBehind(run, endLsn)) {
    if (signal.aborted) break
    const isFirst = from === pageOf(endLsn)
    if (!isFirst && !(await isBegun(context, run, from))) continue
    const restBytes = Number(segmentOf(run, from) + BigInt(run.segmentBytes) - from)
    const chain = findBehind(await readWal(context, run, from, restBytes + STRETCH_BYTES), isFirst ? endLsn : from - 1n)
    if (chain !== undefined) return followToCommit(context, run, chain, signal)
  }
  return undefined
}

/** The page of the place, and the beginnings of the files after its own. */
function startsBehind(run: WalRun, endLsn: bigint): readonly bigint[] {
  const [segment, step] = [segmentOf(run, endLsn), BigInt(run.segmentBytes)]
  const next = Array.from({ length: FILES_LOOKED_AT }, (_, index) => segment + BigInt(index + 1) * step)
  return [pageOf(endLsn), ...next].filter((lsn) => lsn < run.endLsn)
}

async function followToCommit(context: StepContext, run: WalRun, found: WalChain, signal: AbortSignal): Promise<WalChain> {
  let chain = found
  while (chain.commits === 0 && chain.endLsn - found.firstLsn < FARTHEST_BYTES && !signal.aborted) {
    const longer = goOnWith(chain, await readWal(context, run, pageOf(chain.endLsn), STRETCH_BYTES))
    if (longer === chain) break
    chain = longer
  }
  return chain
}

function describe(run: WalRun, { firstLsn, records, commits, firstCommitMs, lastCommitMs }: WalChain): string {
  const where = `from ${formatLsn(firstLsn)} on, in ${fileOf(run, firstLsn)}`
  if (firstCommitMs === undefined || lastCommitMs === undefined) return `behind that lie at least ${records} whole records, ${where}`
  const times = `${new Date(firstCommitMs).toISOString()} to ${new Date(lastCommitMs).toISOString()}`
  return `behind that lie at least ${records} whole records with ${commits} commits (${times}), ${where}`
}

/** Whether the record that begins at `endLsn`, and is not whole, says that it goes on to `lsn` or farther: it may have been written in part. */
export async function reachesTo(context: StepContext, run: WalRun, endLsn: bigint, lsn: bigint): Promise<boolean> {
  const announced = announcedBytes(await readWal(context, run, pageOf(endLsn), 2 * WAL_PAGE_BYTES), endLsn)
  if (announced === undefined) return false
  const headers = (Math.floor(announced / WAL_PAGE_BYTES) + 2) * LARGEST_PAGE_HEADER_BYTES
  return endLsn + BigInt(announced + headers) >= lsn
}

/** The dead server's shared memory is still there: it does not outlive the kernel, and neither do unwritten pages. */
async function isSameKernel({ cluster, outside }: StepContext): Promise<boolean> {
  const text = await outside.files.readText(`${cluster.dataDirectory}/postmaster.pid`, { maxBytes: 4096 })
  const pidFile = parsePostmasterPid(text)
  if (pidFile.kind !== 'ok' || pidFile.sharedMemoryKey === 0) return false
  return outside.processes.hasSharedMemory(pidFile.sharedMemoryId, pidFile.sharedMemoryKey)
}

async function flushes(context: StepContext, signal: AbortSignal): Promise<boolean> {
  const fsync = await readConfigured(context, 'fsync', signal)
  return fsync.ok && fsync.value === 'on'
}

async function lastKnown(context: StepContext, { run, endLsn, controlFile }: Place): Promise<number> {
  const start = segmentOf(run, endLsn)
  const stretch = await readWal(context, run, start, Number(endLsn - start))
  return lastCommitBefore(stretch, endLsn) ?? controlFile.checkpointWallMs
}
