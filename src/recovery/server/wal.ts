import type { ControlFile } from '../../core/facts.ts'
import { parseLsn } from '../../core/postgres/lsn.ts'
import { parseWalFileName, walFileName } from '../../core/postgres/wal-file.ts'
import type { StepContext } from '../step.ts'

const SIZES_AT_MOST = 2_000

/**
 * What is missing in `pg_wal` between the redo position and the newest segment of that timeline, for people; `undefined`
 * when nothing is. A gap is not noticed by a start: redo would end there and the server would serve without the rest.
 */
export async function findMissingWal(context: StepContext, controlFile: ControlFile): Promise<string | undefined> {
  const redo = parseLsn(controlFile.redoLsn)
  const names = await context.outside.files.list(`${context.cluster.dataDirectory}/pg_wal`)
  if (names === undefined) return 'pg_wal is missing'
  if (redo === undefined) return undefined
  const { timeline, walSegmentBytes } = controlFile
  const first = redo - (redo % BigInt(walSegmentBytes))
  const present = names
    .flatMap((name) => parseWalFileName(name, walSegmentBytes) ?? [])
    .filter((file) => file.timeline === timeline && file.startLsn >= first)
    .map((file) => file.startLsn)
    .toSorted((left, right) => (left < right ? -1 : 1))
  const gap = findGap(first, present, BigInt(walSegmentBytes))
  if (gap !== undefined)
    return `pg_wal/${walFileName(timeline, gap, walSegmentBytes)}, which recovery from ${controlFile.redoLsn} needs, is missing`
  return findShortSegment(context, controlFile, present)
}

function findGap(first: bigint, present: readonly bigint[], segmentBytes: bigint): bigint | undefined {
  const expected = present.length === 0 ? [first] : present.map((_, index) => first + BigInt(index) * segmentBytes)
  return expected.find((start, index) => present[index] !== start)
}

async function findShortSegment(
  context: StepContext,
  { timeline, walSegmentBytes }: ControlFile,
  present: readonly bigint[],
): Promise<string | undefined> {
  for (const start of present.slice(0, SIZES_AT_MOST)) {
    const name = `pg_wal/${walFileName(timeline, start, walSegmentBytes)}`
    const status = await context.outside.files.status(`${context.cluster.dataDirectory}/${name}`)
    if (status !== undefined && status.sizeBytes !== walSegmentBytes)
      return `${name} has ${status.sizeBytes} bytes instead of ${walSegmentBytes}`
  }
  return undefined
}
