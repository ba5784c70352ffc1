import { recordChange } from '../../changes/change-log.ts'
import type { DamagedRelation, KnownRelation } from '../../damage/damaged-relation.ts'
import { isHeap, isIndex, isMap, lacksFile, nameOf } from '../../damage/damaged-relation.ts'
import type { Relation } from '../../damage/find-relation.ts'
import { noteTouched, noteUnproved } from '../../damage/repair-notes.ts'
import { proveRewrite } from '../../damage/rewrite-proof.ts'
import type { KeptRows } from '../../damage/save-rows.ts'
import { saveRows } from '../../damage/save-rows.ts'
import { fileNameOf } from '../../damage/save-pages.ts'
import { lostKeysName } from '../../damage/lost-keys.ts'
import { whyNoRoom } from '../../damage/room-for-copy.ts'
import { forgetRewrite, noteRewrite } from '../../damage/unfinished-rewrite.ts'
import { findDamagedToast } from '../../damage/toast.ts'
import { findZeroingLeftOn, rewriteWithout } from '../../damage/rewrite-table.ts'
import { findDamagedCatalog } from '../../damage/damaged-catalogs.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Remedy, RemedyResult } from '../remedy.ts'

/** The last rung: the rows of the damaged pages leave the table, and everything that can be known of them is kept. */
export const salvageAndRewrite: Remedy<DamagedRelation> = {
  name: 'salvage-and-rewrite',
  purpose: 'make a table readable again whose damaged pages nothing could mend',
  changes: 'VACUUM FULL of that one table with zero_damaged_pages on in that one session, which also rebuilds its indexes',
  keeps: 'page images, the readable rows in rows/, the lost keys in lost-keys/',
  undo: 'impossible: the table has lived on since; what it lost is kept for a person to put back',
  proof: 'the new file is read from disk, and rows are counted with and without an index',
  cost: 'rows',
  precondition,
  run,
}

async function precondition(context: StepContext, subject: DamagedRelation): Promise<Check> {
  const refusal = whyNever(subject) ?? whyNotAllowed(context, subject)
  return refusal === undefined
    ? { go: 'run', because: 'nothing else has mended it: its readable rows and lost keys are kept first' }
    : { go: 'stop', because: refusal, held: true }
}

/** What no rewrite helps; this is the last rung, so it is told here. */
function whyNever(subject: DamagedRelation): string | undefined {
  const { relation, unknownWhy, pages } = subject
  const name = nameOf(subject)
  if (relation === undefined) return `${name} was left: ${unknownWhy}`
  if (relation.isCatalog) return `${name} is a system catalog: its damage needs a person`
  if (lacksFile(subject)) return describeLack(name, relation)
  if (isIndex(subject) || isMap(subject)) return `${name} could not be built anew`
  if (relation.kind === 'm') return `${name} is damaged: REFRESH MATERIALIZED VIEW builds it anew`
  if (relation.kind === 't') return `${name} has ${pages.length} damaged pages with long values: restore them from a backup`
  return isHeap(subject) ? undefined : `${name} is damaged, and only tables are rewritten (relkind ${relation.kind})`
}

function describeLack(name: string, { pages, pagesOnce, path }: Relation): string {
  const missing = pagesOnce > pages ? `: ${pages} pages are there, of ${pagesOnce} that the catalog knows of` : ''
  return `a file of ${name} is missing or cut short (${path})${missing}; restore it from a backup or a standby`
}

function whyNotAllowed({ settings }: StepContext, subject: DamagedRelation): string | undefined {
  if (settings.repair.zeroDamagedPages) return undefined
  return `the damaged pages of ${nameOf(subject)} were left, because recovery.repair.zero_damaged_pages is off`
}

async function run(context: StepContext, subject: DamagedRelation, signal: AbortSignal): Promise<RemedyResult<DamagedRelation>> {
  const { relation, pages } = subject as KnownRelation
  const saving = await saveRows(context, relation, pages, signal)
  if (!saving.ok)
    return { ended: 'left-to-person', why: `the rows of the damaged pages of ${relation.name} could not be kept: ${saving.why}`, did: [] }
  const { kept } = saving
  const saved = `kept ${kept.rows} readable rows of ${pages.length} damaged pages of ${relation.name} (${kept.unreadable} could not be read)`
  const refusal = await whyNotNow(context, relation, signal)
  if (refusal !== undefined) return { ended: 'left-to-person', why: refusal, did: [saved], notDone: kept.notDone }
  await noteTouched(context, relation)
  await noteRewrite(context, relation, pages.length, kept)
  await recordRewrite(context, relation)
  context.report(`rewriting ${relation.name} without its ${pages.length} damaged pages`)
  const failure = await rewriteWithout(context, relation, new Set(pages.map(({ block }) => block)), signal)
  const notDone = [...kept.notDone, ...(await findZeroingLeftOn(context, relation, signal))]
  if (failure !== undefined)
    return { ended: 'not-mended', why: `${relation.name} could not be rewritten: ${failure}`, did: [saved], notDone }
  return conclude(context, subject as KnownRelation, kept, { did: [saved], notDone }, signal)
}

async function conclude(
  context: StepContext,
  { relation, pages }: KnownRelation,
  kept: KeptRows,
  { did, notDone }: { readonly did: readonly string[]; readonly notDone: readonly string[] },
  signal: AbortSignal,
): Promise<RemedyResult<DamagedRelation>> {
  const { lost, problems } = await proveRewrite(context, relation, kept, signal)
  await forgetRewrite(context)
  const rewritten = describeRewrite(relation, pages.length, lost)
  if (problems.length === 0) return { ended: 'mended', did: [...did, rewritten], notDone }
  await noteUnproved(context)
  return { ended: 'not-mended', why: problems.join('; '), did: [...did, rewritten], notDone }
}

/** For people: the one thing that is lost, and where it is listed. */
export function describeRewrite(relation: Relation, pages: number, lost: string): string {
  return `rewrote ${relation.name} and its indexes without ${pages} damaged pages; ${lost}`
}

async function recordRewrite({ outside, incidentDirectory }: StepContext, relation: Relation): Promise<void> {
  await recordChange({ outside, incidentDirectory }, 'salvage-and-rewrite', {
    kind: 'table-rewritten',
    table: relation.name,
    database: relation.database,
    keptPages: `${incidentDirectory}/pages/${fileNameOf(relation)}.*`,
    keptRows: `${incidentDirectory}/rows/${fileNameOf(relation)}.*`,
    lostKeys: `${incidentDirectory}/${lostKeysName(relation)}`,
  })
}

async function whyNotNow(context: StepContext, relation: Relation, signal: AbortSignal): Promise<string | undefined> {
  const toast = await findDamagedToast(context, relation, signal)
  if (toast !== undefined) return `the damaged pages of ${relation.name} were left, because a rewrite also zeroes others: ${toast}`
  const catalog = await findDamagedCatalog(context, relation.database, signal)
  if (catalog !== undefined)
    return `the damaged pages of ${relation.name} were left, because a rewrite could zero a system catalog: ${catalog}`
  const shortage = await whyNoRoom(context, relation, relation.totalBytes)
  return shortage === undefined ? undefined : `the damaged pages of ${relation.name} were left, because a rewrite needs room: ${shortage}`
}
