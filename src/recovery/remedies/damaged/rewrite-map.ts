import type { DamagedRelation, KnownRelation } from '../../damage/damaged-relation.ts'
import { isMap } from '../../damage/damaged-relation.ts'
import { scanPages } from '../../damage/scan-pages.ts'
import { noteUnproved } from '../../damage/repair-notes.ts'
import { recordChange } from '../../changes/change-log.ts'
import { describeFailure } from '../../server/databases.ts'
import { askOnce } from '../../server/login.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Remedy, RemedyResult } from '../remedy.ts'

/** Free-space and visibility maps hold nothing of their own: a vacuum that skips no page writes them anew. */
export const rewriteMap: Remedy<DamagedRelation> = {
  name: 'rewrite-map',
  purpose: 'write a damaged free-space or visibility map anew from its table',
  changes: 'VACUUM (DISABLE_PAGE_SKIPPING) of the table, then a checkpoint; readers and writers go on',
  keeps: 'nothing: a map holds nothing that its table does not',
  undo: 'impossible and not wanted: the map was damaged',
  proof: 'the map is read from disk',
  cost: 'nothing',
  precondition,
  run,
}

async function precondition(_: StepContext, subject: DamagedRelation): Promise<Check> {
  if (!isMap(subject)) return { go: 'skip', because: 'it is not a map' }
  if (subject.relation === undefined) return { go: 'skip', because: subject.unknownWhy }
  return subject.relation.isCatalog
    ? { go: 'skip', because: 'it belongs to a system catalog' }
    : { go: 'run', because: 'a vacuum builds it anew, and nothing is lost' }
}

async function run(context: StepContext, subject: DamagedRelation, signal: AbortSignal): Promise<RemedyResult<DamagedRelation>> {
  const { relation, file } = subject as KnownRelation
  const timeoutMs = context.settings.repair.statementTimeoutMs
  const vacuum = `vacuum (disable_page_skipping) ${relation.name}`
  await recordChange(context, 'rewrite-map', {
    kind: 'rebuilt',
    what: `the ${file.fork} of ${relation.name}`,
    database: relation.database,
    by: vacuum,
  })
  for (const text of [vacuum, 'checkpoint']) {
    const answer = await askOnce(context, relation.database, text, timeoutMs, signal)
    if (!answer.ok)
      return {
        ended: 'not-mended',
        why: `the ${file.fork} of ${relation.name} could not be written anew: ${describeFailure(answer.failure)}`,
        did: [],
      }
  }
  const left = await scanPages(context, `${relation.path}_${file.fork}`, signal)
  const did = [`wrote the ${file.fork} of ${relation.name} anew by a vacuum, nothing lost`]
  if (left.length === 0) return { ended: 'mended', did }
  await noteUnproved(context)
  return { ended: 'not-mended', why: `the ${file.fork} of ${relation.name} still has ${left.length} damaged pages on disk`, did }
}
