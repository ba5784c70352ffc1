import type { DamagedRelation, KnownRelation } from '../../damage/damaged-relation.ts'
import { isUserHeap, lacksFile, losesOnlyValues } from '../../damage/damaged-relation.ts'
import { dirtyPages } from '../../damage/dirty-pages.ts'
import { scanPages } from '../../damage/scan-pages.ts'
import { recordChange } from '../../changes/change-log.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Remedy, RemedyResult } from '../remedy.ts'

/** A page that is damaged on disk and still whole in the server's memory loses nothing; a restart would throw that copy away. */
export const writeBackFromBuffers: Remedy<DamagedRelation> = {
  name: 'write-back-from-buffers',
  purpose: "write table pages anew that are still whole in the server's buffers",
  changes: 'locks (in a TOAST table or view: freezes) one row of each damaged page, which makes it dirty; a checkpoint writes it',
  keeps: 'the image of each damaged page',
  undo: 'impossible and not wanted: what was replaced was damaged, and its image is kept',
  proof: 'the pages are read from disk',
  cost: 'nothing',
  precondition,
  run,
}

async function precondition(_: StepContext, subject: DamagedRelation): Promise<Check> {
  if (!isUserHeap(subject)) return { go: 'skip', because: 'it holds no rows of users' }
  if (lacksFile(subject)) return { go: 'skip', because: 'a file is missing or cut short' }
  if (losesOnlyValues(subject)) return { go: 'skip', because: 'no page of it is damaged' }
  return { go: 'run', because: 'the server may still hold a good copy; trying harms nothing' }
}

async function run(context: StepContext, subject: DamagedRelation, signal: AbortSignal): Promise<RemedyResult<DamagedRelation>> {
  const { relation, pages } = subject as KnownRelation
  const what = `${pages.length} pages of ${relation.name}`
  await recordChange(context, 'write-back-from-buffers', { kind: 'rebuilt', what, database: relation.database, by: 'CHECKPOINT' })
  await dirtyPages(
    context,
    relation,
    pages.map(({ block }) => block),
    signal,
  )
  const left = await scanPages(context, relation.path, signal)
  const healed = pages.length - left.length
  const did = healed > 0 ? [`wrote ${healed} pages of ${relation.name} anew from the server's buffers, nothing lost`] : []
  return left.length === 0 ? { ended: 'mended', did } : { ended: 'partly', left: { ...subject, pages: left }, did }
}
