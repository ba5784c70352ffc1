import { checkpointOf } from '../../core/postgres/checkpoint.ts'
import { CONTROL_FILE_BYTES, parseControlFile } from '../../core/postgres/control-file.ts'
import { readPageLsn } from '../../core/postgres/page-lsn.ts'
import { formatLsn } from '../../core/postgres/lsn.ts'
import type { WalRecord } from '../../core/postgres/wal/cut-record.ts'
import type { RecordRelation } from '../../core/postgres/wal/page-line.ts'
import { layOutTape } from '../../core/postgres/wal/tape.ts'
import type { RelationFile } from '../damage/relation-file.ts'
import type { BadPage } from '../damage/scan-pages.ts'
import type { StepContext } from '../step.ts'
import type { Candidate, Candidates } from './candidate.ts'
import { whyNotSame } from './candidate.ts'
import { findPageRecords } from './page-records.ts'
import { redoPage } from './redo-page.ts'
import type { WalFiles } from './wal-files.ts'
import { findWalFiles, readWalMagic } from './wal-files.ts'

/** `pg_default` and `pg_global`, which paths do not name. */
const [DEFAULT_TABLESPACE_OID, SHARED_TABLESPACE_OID] = [1_663, 1_664]

/**
 * Pages made anew from the WAL up to `endLsn`: of each the last record that holds the whole of it, and every one after that, are
 * applied by PostgreSQL's own redo.
 */
export async function replayPages(
  context: StepContext,
  file: RelationFile,
  pages: readonly BadPage[],
  endLsn: bigint,
  signal: AbortSignal,
): Promise<Candidates> {
  const bytes = await context.outside.files.read(`${context.cluster.dataDirectory}/global/pg_control`, { maxBytes: CONTROL_FILE_BYTES })
  const reading = bytes === undefined ? undefined : parseControlFile(bytes)
  if (bytes === undefined || reading?.ok !== true) return { found: [], missing: ['the control file cannot be read'] }
  const { timeline, walSegmentBytes, systemIdentifier } = reading.controlFile
  const wal = await findWalFiles(context, timeline, walSegmentBytes, endLsn)
  const found: Candidate[] = []
  const missing: string[] = []
  for (const page of pages) {
    context.report(`replaying block ${page.block} of ${file.path} from the WAL`)
    const ground = { file, page, endLsn, wal, systemIdentifier: BigInt(systemIdentifier), checkpoint: checkpointOf(bytes) }
    const made = await replayPage(context, ground, signal)
    if (typeof made === 'string') missing.push(made)
    else found.push({ page, bytes: made })
  }
  return { found, missing }
}

interface ReplayGround {
  readonly file: RelationFile
  readonly page: BadPage
  readonly endLsn: bigint
  readonly wal: WalFiles
  readonly systemIdentifier: bigint
  readonly checkpoint: Uint8Array
}

/** The page, or why there is none. */
async function replayPage(context: StepContext, ground: ReplayGround, signal: AbortSignal): Promise<Uint8Array | string> {
  const { file, page, endLsn, wal } = ground
  const listed = await findPageRecords(context, wal, relationOf(file), page.block, endLsn, signal)
  if (!listed.ok) return listed.why
  const redone = await redoRecords(context, ground, listed.records, signal)
  if (typeof redone === 'string') return redone
  const [lastLsn, lsn] = [listed.records.at(-1)?.endLsn ?? 0n, readPageLsn(redone)]
  if (lsn !== lastLsn)
    return `redo made block ${page.block} as of ${formatLsn(lsn)}, and the last record that changes it ends at ${formatLsn(lastLsn)}`
  return whyNotSame(page, redone, endLsn) ?? redone
}

async function redoRecords(
  context: StepContext,
  { file, page, wal, systemIdentifier, checkpoint }: ReplayGround,
  records: readonly WalRecord[],
  signal: AbortSignal,
): Promise<Uint8Array | string> {
  const magic = await readWalMagic(context, wal, records[0]?.lsn ?? 0n)
  if (magic === undefined) return 'the WAL was recycled meanwhile'
  const { timeline, segmentBytes } = wal
  const tape = layOutTape({ magic, timeline, systemIdentifier, segmentBytes }, checkpoint, records)
  const redone = await redoPage(context, { tape, timeline, segmentBytes, relationPath: file.path, block: page.block }, signal)
  return redone.ok ? redone.bytes : redone.why
}

/** As records of the WAL name a relation. */
function relationOf({ path, tablespaceOid, databaseOid, filenode }: RelationFile): RecordRelation {
  const unnamed = path.startsWith('global/') ? SHARED_TABLESPACE_OID : DEFAULT_TABLESPACE_OID
  return { tablespaceOid: tablespaceOid === 0 ? unnamed : tablespaceOid, databaseOid, filenode }
}
