import { megabytes } from '../../disk/room.ts'
import type { DamagedRelation, KnownRelation } from '../../damage/damaged-relation.ts'
import { forkPathOf, isHeap, isIndex, isMap, lacksFile, nameOf } from '../../damage/damaged-relation.ts'
import { mendBy } from '../../damage/repair-session.ts'
import { savePageImages } from '../../damage/save-pages.ts'
import { scanPages } from '../../damage/scan-pages.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Remedy, RemedyResult } from '../remedy.ts'

const PAGES_AT_MOST = 200

/** The first rung for whatever consists of pages: every later one works on what this one found, and nothing is touched before. */
export const keepPageImages: Remedy<DamagedRelation> = {
  name: 'keep-page-images',
  purpose: 'find every damaged page of the table, index or map on disk, and keep its bytes',
  changes: 'nothing; asks for a checkpoint, so that what the server holds only in memory is not taken for damage',
  keeps: 'the image of each damaged page in pages/',
  undo: 'nothing to take back',
  proof: 'each page is read from disk three times before it counts as damaged',
  cost: 'nothing',
  precondition,
  run,
}

async function precondition(context: StepContext, subject: DamagedRelation): Promise<Check> {
  const { relation } = subject
  if (relation === undefined) return { go: 'skip', because: subject.unknownWhy }
  if (!isHeap(subject) && !isIndex(subject) && !isMap(subject)) return { go: 'skip', because: `${nameOf(subject)} has no pages to keep` }
  if (lacksFile(subject)) return { go: 'skip', because: 'a file is missing or cut short' }
  const { maxRelationBytes } = context.settings.repair
  if (relation.totalBytes > maxRelationBytes)
    return {
      go: 'stop',
      because: `${nameOf(subject)} is damaged; it is larger than ${megabytes(maxRelationBytes)}, and was left`,
      held: true,
    }
  return { go: 'run', because: 'a damaged page must not be lost before it is given up' }
}

async function run(context: StepContext, subject: DamagedRelation, signal: AbortSignal): Promise<RemedyResult<DamagedRelation>> {
  const { relation, file } = subject as KnownRelation
  const what = file.fork === 'main' ? relation.name : `the ${file.fork} of ${relation.name}`
  await mendBy(context, relation.database, 'checkpoint', signal)
  const pages = await scanPages(context, forkPathOf(subject), signal)
  if (pages.length === 0 && subject.damages.every(({ kind }) => kind === 'page'))
    return { ended: 'mended', did: [`found every page of ${what} whole on disk`] }
  if (pages.length > PAGES_AT_MOST && isHeap(subject))
    return {
      ended: 'left-to-person',
      why: `${relation.name} has more than ${PAGES_AT_MOST} damaged pages: restore it from a backup`,
      did: [],
    }
  const kept = pages.slice(0, PAGES_AT_MOST)
  await savePageImages(context, relation, kept, file.fork)
  const did = kept.length === 0 ? [] : [`kept the images of ${kept.length} damaged pages of ${what}`]
  return { ended: 'partly', left: { ...subject, pages }, did }
}
