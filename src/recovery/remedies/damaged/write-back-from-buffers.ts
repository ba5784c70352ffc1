import type { DamagedRelation, KnownRelation } from '../../damage/damaged-relation.ts'
import { isUserHeap, lacksFile } from '../../damage/damaged-relation.ts'
import { healFromBuffers } from '../../damage/heal-from-buffers.ts'
import { recordChange } from '../../changes/change-log.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Remedy, RemedyResult } from '../remedy.ts'

/** A page that is damaged on disk and still whole in the server's memory loses nothing; a restart would throw that copy away. */
export const writeBackFromBuffers: Remedy<DamagedRelation> = {
  name: 'write-back-from-buffers',
  purpose: "write table pages anew that are still whole in the server's buffers",
  changes: 'locks one row of each damaged page, which makes the page dirty, and asks for a checkpoint, which writes it',
  keeps: 'the image of each damaged page',
  undo: 'impossible and not wanted: what was replaced was damaged, and its image is kept',
  proof: 'the pages are read from disk',
  cost: 'nothing',
  precondition,
  run,
}

async function precondition(_: StepContext, subject: DamagedRelation): Promise<Check> {
  if (!isUserHeap(subject) || subject.relation.kind !== 'r') return { go: 'skip', because: 'only rows of tables can be locked' }
  if (lacksFile(subject)) return { go: 'skip', because: 'a file is missing or cut short' }
  return { go: 'run', because: 'the server may still hold a good copy; trying harms nothing' }
}

async function run(context: StepContext, subject: DamagedRelation, signal: AbortSignal): Promise<RemedyResult<DamagedRelation>> {
  const { relation, pages } = subject as KnownRelation
  const what = `${pages.length} pages of ${relation.name}`
  await recordChange(context, 'write-back-from-buffers', { kind: 'rebuilt', what, database: relation.database, by: 'CHECKPOINT' })
  const left = await healFromBuffers(context, relation, pages, signal)
  const healed = pages.length - left.length
  const did = healed > 0 ? [`wrote ${healed} pages of ${relation.name} anew from the server's buffers, nothing lost`] : []
  return left.length === 0 ? { ended: 'mended', did } : { ended: 'partly', left: { ...subject, pages: left }, did }
}
