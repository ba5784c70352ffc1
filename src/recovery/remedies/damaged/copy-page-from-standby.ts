import type { DamagedRelation, KnownRelation } from '../../damage/damaged-relation.ts'
import { readFromStandby } from '../../pages/standby.ts'
import { replaceFrom, whyNotByPage } from './replace-from.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Remedy, RemedyResult } from '../remedy.ts'

const NAME = 'copy-page-from-standby'

/** A standby has the same pages, byte for byte but for hints; damage of this host's storage does not reach it. */
export const copyPageFromStandby: Remedy<DamagedRelation> = {
  name: NAME,
  purpose: 'write damaged table pages anew with those of a physical standby',
  changes: 'CHECKPOINT here and on the standby; then 8 KiB of the file for each page, under a lock of the table for milliseconds',
  keeps: 'the image of each damaged page',
  undo: 'the bytes from before are put back while the server is down, unless the page was written since',
  proof:
    'same cluster, everything written there, checksum and position in the WAL right; then the page is read from disk and by the server',
  cost: 'a lock',
  precondition,
  run,
}

async function precondition(context: StepContext, subject: DamagedRelation): Promise<Check> {
  const why = await whyNotByPage(context, subject)
  if (why !== undefined) return { go: 'skip', because: why }
  if (!context.outside.postgres.has('standby')) return { go: 'skip', because: 'no standby is configured for the cluster' }
  return { go: 'run', because: 'a standby is configured, and has every page of this server' }
}

function run(context: StepContext, subject: DamagedRelation, signal: AbortSignal): Promise<RemedyResult<DamagedRelation>> {
  const { relation, pages } = subject as KnownRelation
  return replaceFrom(context, subject as KnownRelation, signal, {
    by: NAME,
    source: 'the standby',
    find: (endLsn) => readFromStandby(context, relation.path, pages, endLsn, signal),
  })
}
