import type { DamagedRelation, KnownRelation } from '../../damage/damaged-relation.ts'
import { isUserHeap, lacksFile, nameOf } from '../../damage/damaged-relation.ts'
import { findFamily } from '../../damage/find-family.ts'
import type { Relation } from '../../damage/find-relation.ts'
import { inspect } from '../../../server/inspection.ts'
import { findKeyIndex } from '../../damage/key-index.ts'
import { withRepairSession } from '../../damage/repair-session.ts'
import { fileNameOf } from '../../damage/save-pages.ts'
import { findOwners, findValues } from '../../damage/toast-owners.ts'
import { keepInIncident } from '../../server/incident-files.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Remedy, RemedyResult } from '../remedy.ts'

/** A lost piece of a long value makes the whole value unreadable, and nothing else of its row: what to do is for a person to say. */
export const nameLostValues: Remedy<DamagedRelation> = {
  name: 'name-lost-values',
  purpose: 'list the rows whose long values are lost with a page of a TOAST table that nothing could mend',
  changes: 'nothing',
  keeps: 'the image of each damaged page, the keys of those rows in lost-keys/',
  undo: 'nothing to take back',
  proof: 'the rows are found by the numbers of their values, read from disk; the page is left to a person',
  cost: 'rows',
  precondition,
  run,
}

async function precondition(_: StepContext, subject: DamagedRelation): Promise<Check> {
  if (!isUserHeap(subject) || subject.relation.kind !== 't' || lacksFile(subject))
    return { go: 'skip', because: 'it is no page of a TOAST table' }
  return { go: 'run', because: 'nothing else has mended it, and a person has to know which rows it concerns' }
}

async function run(context: StepContext, subject: DamagedRelation, signal: AbortSignal): Promise<RemedyResult<DamagedRelation>> {
  const { pages } = subject as KnownRelation
  const listed = await listRows(context, subject as KnownRelation, signal)
  const why = `${nameOf(subject)} has ${pages.length} damaged pages with long values: restore them from a backup, or set those values to NULL; ${listed}`
  return { ended: 'left-to-person', why, did: [] }
}

async function listRows(context: StepContext, { relation, pages }: KnownRelation, signal: AbortSignal): Promise<string> {
  const family = (await findFamily(context, relation, signal)) ?? []
  const table = family.find(({ isToast, kind }) => !isToast && kind !== 'i')
  const index = family.find(({ isToast, kind }) => isToast && kind === 'i')
  if (table === undefined || index === undefined) return 'their rows could not be looked for'
  const values = await findValues(context, index.path, new Set(pages.map(({ block }) => block)), signal)
  const tids = await findOwners(context, { tablePath: table.path, toastOid: relation.oid }, values, signal)
  const keys = await readKeys(context, table, tids, signal)
  if (keys === undefined) return `the keys of the rows of ${table.name} that hold them could not be read`
  const path = await keepInIncident(context, `lost-keys/${fileNameOf(table)}.long-values.txt`, keys.map((key) => `${key}\n`).join(''))
  return `${keys.length} rows of ${table.name} hold them, listed in ${path}`
}

/** Their keys, columns joined by tabs, or where they lie in a table without a key of columns; only rows that can be seen. */
async function readKeys(
  context: StepContext,
  table: Relation,
  tids: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const timeoutMs = context.settings.repair.statementTimeoutMs / 2
  const answer = await withRepairSession(context, table.database, {}, signal, async (session) => {
    const key = await inspect(session, 'pageinspect', timeoutMs, signal, (inspection) => findKeyIndex(inspection, table))
    const columns = key?.columns.map(({ name }) => `"${name.replaceAll('"', '""')}"::text`) ?? ['ctid::text']
    const text = `select pg_catalog.concat_ws(E'\\t', ${columns.join(', ')}) as key from only ${table.name} where ctid = any($1::tid[]) order by 1`
    return session.query({ text, values: [tids], timeoutMs }, signal)
  })
  return answer.ok ? answer.value.map((row) => String(row['key'])) : undefined
}
