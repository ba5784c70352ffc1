import { checksumPage } from '../../../core/postgres/page-checksum.ts'
import { findOddity } from '../../../core/postgres/heap-page.ts'
import type { DamagedRelation, KnownRelation } from '../../damage/damaged-relation.ts'
import { noteTouched } from '../../damage/repair-notes.ts'
import { fileNameOf } from '../../damage/save-pages.ts'
import type { KeptRows } from '../../damage/save-rows.ts'
import { saveRows } from '../../damage/save-rows.ts'
import type { BadPage } from '../../damage/scan-pages.ts'
import { toCopyLine } from '../../damage/values/copy-line.ts'
import type { Candidate } from '../../pages/candidate.ts'
import { replacePages } from '../../pages/replace-pages.ts'
import { keepInIncident } from '../../server/incident-files.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Remedy, RemedyResult } from '../remedy.ts'
import { whyNotByPage } from './replace-from.ts'

const NAME = 'restamp-page'
const CHECKSUM_OFFSET = 8

/**
 * Keeps every row of a page whose structure is whole, at the price that wrong bytes in one of them are never noticed again. So it
 * is off unless somebody asks for it: a row that is missing is missed, and one with a wrong amount is believed.
 */
export const restampPage: Remedy<DamagedRelation> = {
  name: NAME,
  purpose: 'make a table page readable again whose structure is whole, so that only the contents of rows can be wrong',
  changes: 'the checksum in the page, on disk; milliseconds under a lock that keeps everybody from the table',
  keeps: 'the image of each page, its rows as they read in rows/, the keys of its rows in suspect-keys/',
  undo: 'the bytes from before are put back while the server is down, unless the page was written since',
  proof:
    'header, line pointers and tuple headers fit together, every row can be decoded; afterwards the page is read from disk and by the server',
  cost: 'rows',
  precondition,
  run,
}

async function precondition(context: StepContext, subject: DamagedRelation): Promise<Check> {
  const why = await whyNotByPage(context, subject)
  if (why !== undefined) return { go: 'skip', because: why }
  if (!context.settings.repair.restamp) return { go: 'skip', because: 'recovery.repair.restamp is off: wrong rows would stay for ever' }
  if (subject.relation?.kind !== 'r' || subject.relation.isCatalog)
    return { go: 'skip', because: 'only pages of user tables are restamped' }
  return { go: 'run', because: 'recovery.repair.restamp is on, and nothing else has mended it' }
}

async function run(context: StepContext, subject: DamagedRelation, signal: AbortSignal): Promise<RemedyResult<DamagedRelation>> {
  const { relation, pages } = subject as KnownRelation
  const whole = pages.filter(isStructureWhole)
  const saving = whole.length === 0 ? undefined : await saveRows(context, relation, whole, signal)
  const kept = saving?.ok === true ? saving.kept : undefined
  if (kept === undefined || kept.unreadable > 0 || kept.rows === 0)
    return { ended: 'partly', left: subject, did: [`restamped no page of ${relation.name}: not only the contents of rows are hurt`] }
  const listed = await listSuspects(context, subject as KnownRelation, kept)
  await noteTouched(context, relation)
  const { blocks, problems } = await replacePages(context, NAME, relation, whole.map(restamp), signal)
  const left = pages.filter(({ block }) => !blocks.includes(block))
  const did =
    blocks.length === 0
      ? []
      : [`gave ${blocks.length} pages of ${relation.name} a new checksum; some of their ${kept.rows} rows may be wrong, ${listed}`]
  if (left.length === 0) return { ended: 'mended', did }
  return { ended: 'partly', left: { ...subject, pages: left }, did: [...did, ...problems] }
}

function isStructureWhole(page: BadPage): boolean {
  return page.verdict === 'bad-checksum' && findOddity(page.bytes) === undefined
}

function restamp(page: BadPage): Candidate {
  const bytes = new Uint8Array(page.bytes)
  new DataView(bytes.buffer).setUint16(CHECKSUM_OFFSET, checksumPage(bytes, page.block), true)
  return { page, bytes }
}

async function listSuspects(context: StepContext, { relation }: KnownRelation, { keys }: KeptRows): Promise<string> {
  if (keys === undefined) return 'and their keys could not be listed'
  const text = [...keys.alive, ...keys.doubtful].map(toCopyLine).join('')
  return `listed in ${await keepInIncident(context, `suspect-keys/${fileNameOf(relation)}.txt`, text)}`
}
