import type { DamagedRelation, KnownRelation } from '../../damage/damaged-relation.ts'
import { replayPages } from '../../pages/replay.ts'
import { replaceFrom, whyNotByPage } from './replace-from.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Remedy, RemedyResult } from '../remedy.ts'

const NAME = 'replay-page-from-wal'
/** From here on `pg_waldump` selects records by page. */
const FIRST_VERSION = 15

/** The WAL holds each page as a whole at its first change after a checkpoint, and every change after that. */
export const replayPageFromWal: Remedy<DamagedRelation> = {
  name: NAME,
  purpose: "make damaged table pages anew from the WAL by PostgreSQL's own redo",
  changes:
    'redo of those pages alone in a directory of its own; then 8 KiB of the file for each page, under a lock of the table for milliseconds',
  keeps: 'the image of each damaged page',
  undo: 'the bytes from before are put back while the server is down, unless the page was written since',
  proof: 'no record is left out, checksum and position in the WAL right; then the page is read from disk and by the server',
  cost: 'a lock',
  precondition,
  run,
}

async function precondition(context: StepContext, subject: DamagedRelation): Promise<Check> {
  const why = await whyNotByPage(context, subject)
  if (why !== undefined) return { go: 'skip', because: why }
  if (!context.settings.repair.replayWal) return { go: 'skip', because: 'recovery.repair.replay_wal is off' }
  if (context.cluster.majorVersion < FIRST_VERSION)
    return { go: 'skip', because: `pg_waldump finds pages only from version ${FIRST_VERSION} on` }
  return { go: 'run', because: 'the WAL may still hold the page and every change of it' }
}

function run(context: StepContext, subject: DamagedRelation, signal: AbortSignal): Promise<RemedyResult<DamagedRelation>> {
  const { file, pages } = subject as KnownRelation
  return replaceFrom(context, subject as KnownRelation, signal, {
    by: NAME,
    source: 'the WAL',
    find: (endLsn) => replayPages(context, file, pages, endLsn, signal),
  })
}
