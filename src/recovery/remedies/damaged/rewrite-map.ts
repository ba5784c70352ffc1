import { recordChange } from '../../changes/change-log.ts'
import type { DamagedRelation, KnownRelation } from '../../damage/damaged-relation.ts'
import { forkPathOf, isMap } from '../../damage/damaged-relation.ts'
import { findTable } from '../../damage/find-family.ts'
import { mendBy } from '../../damage/repair-session.ts'
import { scanPages } from '../../damage/scan-pages.ts'
import { zeroMapPages } from '../../damage/zero-map-pages.ts'
import { describeFailure } from '../../server/databases.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Remedy, RemedyResult } from '../remedy.ts'

const LOCK_WAIT = { lock_timeout: '60s' }

/** Free-space and visibility maps hold nothing of their own. The server takes a damaged page of theirs for one of zeros, which claims nothing. */
export const rewriteMap: Remedy<DamagedRelation> = {
  name: 'rewrite-map',
  purpose: 'write a damaged or wrong free-space or visibility map anew from its table',
  changes: 'VACUUM (DISABLE_PAGE_SKIPPING) of the table, beside readers and writers; zeros for a page that this leaves damaged on disk',
  keeps: 'the images of its damaged pages; a map holds nothing that its table does not',
  undo: 'impossible and not wanted: the map was damaged',
  proof: 'the map is read from disk',
  cost: 'nothing',
  precondition,
  run,
}

async function precondition(_: StepContext, subject: DamagedRelation): Promise<Check> {
  if (!isMap(subject)) return { go: 'skip', because: 'it is not a map' }
  return subject.relation === undefined
    ? { go: 'skip', because: subject.unknownWhy }
    : { go: 'run', because: 'a vacuum builds it anew, and nothing is lost' }
}

async function run(context: StepContext, subject: DamagedRelation, signal: AbortSignal): Promise<RemedyResult<DamagedRelation>> {
  const { relation, file, damages } = subject as KnownRelation
  const what = `the ${file.fork} of ${relation.name}`
  const table = await findTable(context, relation, signal)
  const vacuum = `vacuum (disable_page_skipping) ${table ?? relation.name}`
  await recordChange(context, 'rewrite-map', { kind: 'rebuilt', what, database: relation.database, by: vacuum })
  const vacuumed = await mendBy(context, relation.database, vacuum, signal, LOCK_WAIT)
  if (!vacuumed.ok && damages.some(({ kind }) => kind === 'visibility'))
    return { ended: 'not-mended', why: `${what} could not be written anew: ${describeFailure(vacuumed.failure)}`, did: [] }
  await mendBy(context, relation.database, 'checkpoint', signal)
  const left = await scanPages(context, forkPathOf(subject), signal)
  const did = vacuumed.ok ? [`wrote ${what} anew by a vacuum, nothing lost`] : []
  if (left.length === 0) return { ended: 'mended', did }
  await zeroMapPages(context, subject as KnownRelation, left)
  const stillBad = await scanPages(context, forkPathOf(subject), signal)
  did.push(`wrote zeros over ${left.length} pages of ${what}, which claim nothing; the next vacuum fills them`)
  if (stillBad.length === 0) return { ended: 'mended', did }
  return { ended: 'not-mended', why: `${what} still has ${stillBad.length} damaged pages on disk`, did }
}
