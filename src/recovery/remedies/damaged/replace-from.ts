import type { DamagedRelation, KnownRelation } from '../../damage/damaged-relation.ts'
import { isHeap, lacksFile, losesOnlyValues } from '../../damage/damaged-relation.ts'
import { noteTouched } from '../../damage/repair-notes.ts'
import type { RemedyResult } from '../remedy.ts'
import { readControlFile } from '../../server/data-directory.ts'
import type { StepContext } from '../../step.ts'
import type { Candidates } from '../../pages/candidate.ts'
import { replacePages } from '../../pages/replace-pages.ts'
import { findWalEnd } from '../../pages/wal-end.ts'

const PAGES_AT_MOST = 50

/** Where whole pages come from. */
export interface PageSource {
  /** The remedy, as it is recorded. */
  readonly by: string
  /** "the standby" */
  readonly source: string
  /** Finds them as of `endLsn`, behind every change of the damaged ones. */
  find(endLsn: bigint): Promise<Candidates>
}

/** Why a relation's pages cannot be replaced one by one while the server runs; `undefined` where they can. */
export async function whyNotByPage(context: StepContext, subject: DamagedRelation): Promise<string | undefined> {
  const { relation, unknownWhy, pages } = subject
  if (relation === undefined) return unknownWhy
  if (!isHeap(subject) || relation.kind === 'm') return 'only pages of tables are replaced'
  if (!subject.relation.isPermanent) return 'an unlogged table is neither in the WAL nor on a standby'
  if (lacksFile(subject)) return 'a file is missing or cut short'
  if (losesOnlyValues(subject)) return 'no page of it is damaged'
  if (pages.length > PAGES_AT_MOST) return `it has more than ${PAGES_AT_MOST} damaged pages`
  const checksums = (await readControlFile(context))?.checksumsEnabled === true
  return checksums ? undefined : 'without data checksums nothing proves that another copy of a page is whole'
}

/** Replaces what pages it can; the others are left for the next remedy, and it is told why. */
export async function replaceFrom(
  context: StepContext,
  subject: KnownRelation,
  signal: AbortSignal,
  { by, source, find }: PageSource,
): Promise<RemedyResult<DamagedRelation>> {
  const { relation, pages } = subject
  const end = await findWalEnd(context, relation, signal)
  const { found, missing } = end.ok ? await find(end.lsn) : { found: [], missing: [end.why] }
  const unfound = missing.map((why) => `found no whole page of ${relation.name} by ${source}: ${why}`)
  if (found.length === 0) return { ended: 'partly', left: subject, did: unfound }
  await noteTouched(context, relation)
  const { blocks, problems } = await replacePages(context, by, relation, found, signal)
  const left = pages.filter(({ block }) => !blocks.includes(block))
  const written = `wrote ${blocks.length} pages of ${relation.name} anew by ${source}, nothing lost`
  const did = blocks.length === 0 ? unfound : [...unfound, written]
  if (left.length === 0) return { ended: 'mended', did }
  return problems.length > 0 ? leaveWhole(relation.name, problems, did) : { ended: 'partly', left: { ...subject, pages: left }, did }
}

/** Whole pages are at hand: giving rows up would be a loss that nobody needs. */
function leaveWhole(name: string, problems: readonly string[], did: readonly string[]): RemedyResult<DamagedRelation> {
  const why = `whole copies of damaged pages of ${name} were found and could not be put in their place: ${problems.join('; ')}`
  return { ended: 'left-to-person', why, did }
}
