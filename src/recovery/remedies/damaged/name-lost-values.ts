import type { DamagedRelation, KnownRelation } from '../../damage/damaged-relation.ts'
import { isUserHeap, lacksFile, nameOf } from '../../damage/damaged-relation.ts'
import { findFamily } from '../../damage/find-family.ts'
import type { Relation } from '../../damage/find-relation.ts'
import { inspect } from '../../../server/inspection.ts'
import { findKeyIndex } from '../../damage/key-index.ts'
import { whyUnreadable } from '../../damage/lost-values.ts'
import { withRepairSession } from '../../damage/repair-session.ts'
import { fileNameOf } from '../../damage/save-pages.ts'
import { findEmptyBlocks, findOwners, findValues } from '../../damage/toast-owners.ts'
import { keepInIncident } from '../../server/incident-files.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Remedy, RemedyResult } from '../remedy.ts'

/**
 * A lost piece of a long value makes the whole value unreadable, and nothing else of its row. To set it to NULL, or to take its row
 * away, would make good the loss of what a backup may still have: that is for a person to say, who is told each row.
 */
export const nameLostValues: Remedy<DamagedRelation> = {
  name: 'name-lost-values',
  purpose: 'list the rows whose long values are lost, with a page of a TOAST table that nothing could mend or without one',
  changes: 'nothing: neither is a value set to NULL nor its row deleted, both would hide what a backup may still have',
  keeps: 'the image of each damaged page, the keys of those rows in lost-keys/',
  undo: 'nothing to take back',
  proof: 'the rows are found by the numbers of their values, read from disk, and by reading them; the values are left to a person',
  cost: 'rows',
  precondition,
  run,
}

async function precondition(_: StepContext, subject: DamagedRelation): Promise<Check> {
  if (!isUserHeap(subject) || subject.relation.kind !== 't' || lacksFile(subject)) return { go: 'skip', because: 'it is no TOAST table' }
  return { go: 'run', because: 'nothing else has mended it, and a person has to know which rows it concerns' }
}

async function run(context: StepContext, subject: DamagedRelation, signal: AbortSignal): Promise<RemedyResult<DamagedRelation>> {
  const { pages, damages, relation } = subject as KnownRelation
  const owners = await findRows(context, subject as KnownRelation, signal)
  if (pages.length === 0 && owners !== undefined && (await whyUnreadable(context, owners, signal)) === undefined)
    return { ended: 'mended', did: [`read every long value of ${owners.name} in ${relation.database} that could not be read`] }
  const listed = owners === undefined ? 'their rows could not be looked for' : await listKeys(context, owners, signal)
  const values = damages.filter(({ kind }) => kind === 'lost-value').length
  const what =
    pages.length > 0 ? `${pages.length} damaged pages with long values` : `lost ${values} long values, and no page of it is damaged`
  const why = `${nameOf(subject)} has ${what}: restore them from a backup, or set those values to NULL; ${listed}`
  return { ended: 'left-to-person', why, did: [] }
}

/** Where rows lie that hold the lost values, and in which table. */
interface Owners {
  readonly table: Relation
  readonly database: string
  readonly name: string
  readonly tids: readonly string[]
}

async function findRows(
  context: StepContext,
  { relation, pages, damages }: KnownRelation,
  signal: AbortSignal,
): Promise<Owners | undefined> {
  const family = (await findFamily(context, relation, signal)) ?? []
  const table = family.find(({ isToast, kind }) => !isToast && kind !== 'i')
  const index = family.find(({ isToast, kind }) => isToast && kind === 'i')
  if (table === undefined || index === undefined) return undefined
  const named = damages.filter(({ kind }) => kind === 'lost-value').map(({ block }) => block)
  const damaged = new Set(pages.map(({ block }) => block))
  const isEmpty = await findEmptyBlocks(context, relation.path, signal)
  const onPages = await findValues(context, index.path, (block) => damaged.has(block) || isEmpty(block), signal)
  const tids = await findOwners(context, { tablePath: table.path, toastOid: relation.oid }, new Set([...onPages, ...named]), signal)
  return { table, database: table.database, name: table.name, tids }
}

async function listKeys(context: StepContext, { table, tids }: Owners, signal: AbortSignal): Promise<string> {
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
