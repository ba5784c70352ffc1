import { describeFailure } from '../server/databases.ts'
import { keepInIncident } from '../server/incident-files.ts'
import type { StepContext } from '../step.ts'
import { countOutside } from './count-rows.ts'
import type { Relation } from './find-relation.ts'
import { readHeapPage } from './heap-page.ts'
import { readIndexedKeys } from './indexed-keys.ts'
import type { Inspection } from '../../server/inspection.ts'
import { inspect } from '../../server/inspection.ts'
import { findKeyIndex } from './key-index.ts'
import type { FoundKeys } from './lost-keys.ts'
import { sortKeys } from './lost-keys.ts'
import { mendHeader } from './mend-header.ts'
import { withRepairSession } from './repair-session.ts'
import type { TransactionFates } from './row-life.ts'
import { transactionsOf } from './row-life.ts'
import type { ReadablePage } from './salvage-rows.ts'
import { salvageRows } from './salvage-rows.ts'
import { fileNameOf } from './save-pages.ts'
import type { BadPage } from './scan-pages.ts'
import { lookUpFates } from './transaction-fates.ts'
import type { Column } from './values/column.ts'
import { selectColumns, toColumn } from './values/column.ts'
import { toCopyLine } from './values/copy-line.ts'

/** What was kept of damaged pages before they are given up. */
export interface KeptRows {
  readonly rows: number
  readonly unreadable: number
  /** Rows on all other pages; `undefined` where they could not be counted. */
  readonly outside: number | undefined
  /** `undefined` where no index names the rows. */
  readonly keys: FoundKeys | undefined
  /** What could not be kept, for people. */
  readonly notDone: readonly string[]
}

export type Kept = { readonly ok: true; readonly kept: KeptRows } | { readonly ok: false; readonly why: string }

const LOCK_WAIT = { lock_timeout: '5s' }

interface Page extends BadPage, ReadablePage {}

/**
 * Keeps the rows that can be read of the damaged pages, as COPY's text format, and finds the keys that the table's key index holds
 * for them. Writers are kept out meanwhile: the index on disk has to be one that nobody changes.
 */
export async function saveRows(context: StepContext, relation: Relation, pages: readonly BadPage[], signal: AbortSignal): Promise<Kept> {
  const timeoutMs = context.settings.repair.statementTimeoutMs / 2
  const readable = pages.map((page) => toReadable(page))
  const answer = await withRepairSession(context, relation.database, LOCK_WAIT, signal, async (session) => {
    const kept = await inspect(session, 'pageinspect', timeoutMs, signal, (inspection) =>
      keepAll(context, inspection, relation, readable, signal),
    )
    return { ok: true, value: kept, tookMs: 0 }
  })
  if (!answer.ok) return { ok: false, why: describeFailure(answer.failure) }
  return answer.value ?? { ok: false, why: 'the extension pageinspect is not there, by which its rows are read' }
}

function toReadable(page: BadPage): Page {
  const bytes = page.verdict === 'bad-header' ? mendHeader(page.bytes) : page.bytes
  return { ...page, bytes, items: readHeapPage(bytes) }
}

async function keepAll(
  context: StepContext,
  inspection: Inspection,
  relation: Relation,
  pages: readonly Page[],
  signal: AbortSignal,
): Promise<Kept> {
  for (const text of [`lock table only ${relation.name} in share mode`, 'checkpoint']) {
    const answer = await inspection.ask(text)
    if (!answer.ok) return { ok: false, why: `${text}: ${describeFailure(answer.failure)}` }
  }
  const fates = await lookUpFates(inspection, transactionsOf(pages.flatMap(({ items }) => items)))
  const salvaged = await keepRows(context, inspection, relation, pages, fates)
  const { keys, notDone } = await findKeys(context, inspection, relation, pages, fates, signal)
  const outside = await countOutside(
    inspection,
    relation,
    pages.map(({ block }) => block),
  )
  return { ok: true, kept: { ...salvaged, outside, keys, notDone } }
}

async function keepRows(
  context: StepContext,
  inspection: Inspection,
  relation: Relation,
  pages: readonly Page[],
  fates: TransactionFates,
): Promise<{ readonly rows: number; readonly unreadable: number }> {
  const columns = await listColumns(inspection, relation)
  const header = toCopyLine(columns.flatMap(({ name }) => (name === '' ? [] : [name])))
  let [rows, unreadable] = [0, 0]
  for (const page of pages) {
    const salvaged = await salvageRows(inspection, relation, columns, page, fates)
    await keepInIncident(context, `rows/${fileNameOf(relation)}.block-${page.block}.copy`, header + salvaged.copyText)
    rows += salvaged.rows
    unreadable += salvaged.unreadable
  }
  return { rows, unreadable }
}

async function listColumns({ ask }: Inspection, { oid }: Relation): Promise<readonly Column[]> {
  const answer = await ask(selectColumns(`a.attrelid = ${oid}`))
  return answer.ok ? answer.rows.map(toColumn) : []
}

async function findKeys(
  context: StepContext,
  inspection: Inspection,
  relation: Relation,
  pages: readonly Page[],
  fates: TransactionFates,
  signal: AbortSignal,
): Promise<Pick<KeptRows, 'keys' | 'notDone'>> {
  const unlisted = `the keys that ${relation.name} lost could not be listed`
  const index = await findKeyIndex(inspection, relation)
  if (index === undefined) return { keys: undefined, notDone: [`${unlisted}: it has no primary key and no other unique index`] }
  const itemsByBlock = new Map(pages.map(({ block, items }) => [block, items]))
  const found = await readIndexedKeys(context, index, new Set(itemsByBlock.keys()), signal)
  if (found === undefined) return { keys: undefined, notDone: [`${unlisted}: the file of ${index.name} is missing or empty`] }
  const { keys, damagedPages } = found
  return { keys: sortKeys(index, keys, itemsByBlock, fates), notDone: damagedPages === 0 ? [] : [incomplete(index.name, damagedPages)] }
}

function incomplete(index: string, damagedPages: number): string {
  return `${damagedPages} pages of ${index} were damaged too, and the keys in them are missing from the list of lost ones`
}
