import { withSession } from '../server/login.ts'
import { keepInIncident } from '../server/incident-files.ts'
import type { StepContext } from '../step.ts'
import { toCopyLine } from './decode-value.ts'
import type { Relation } from './find-relation.ts'
import { inspect } from './inspection.ts'
import type { RelationFile } from './relation-file.ts'
import type { Inspection } from './inspection.ts'
import type { IndexedKeys } from './lost-keys.ts'
import { listIndexedKeys } from './lost-keys.ts'
import { listColumns, salvageRows } from './salvage-rows.ts'
import type { BadPage } from './scan-pages.ts'

/** What was kept of damaged pages before they are given up. */
export interface KeptPages {
  readonly rows: number
  readonly unreadable: number
  readonly indexedKeys: IndexedKeys | undefined
  readonly notDone: readonly string[]
}

/** "public.t" as part of a file name. */
export function fileNameOf(relation: Relation): string {
  return `${relation.database}.${relation.name}`.replaceAll(/[^A-Za-z0-9._-]/g, '_')
}

/** Where the keys that a table lost are listed, within the incident folder. */
export function lostKeysName(relation: Relation): string {
  return `lost-keys/${fileNameOf(relation)}.txt`
}

/** Where the image of one page is kept, within the incident folder. */
export function imageName(relation: Relation, block: number, fork: RelationFile['fork'] = 'main'): string {
  return `pages/${fileNameOf(relation)}${fork === 'main' ? '' : `_${fork}`}.block-${block}.page`
}

/** Keeps the bytes of each damaged page in the incident folder. */
export async function savePageImages(
  context: StepContext,
  relation: Relation,
  pages: readonly BadPage[],
  fork: RelationFile['fork'] = 'main',
): Promise<void> {
  for (const page of pages) await keepInIncident(context, imageName(relation, page.block, fork), page.bytes)
}

/** Keeps the rows that can be read of the damaged pages, as COPY's text format, and lists the keys that their index holds. */
export async function saveReadableRows(
  context: StepContext,
  relation: Relation,
  pages: readonly BadPage[],
  signal: AbortSignal,
): Promise<KeptPages> {
  const timeoutMs = context.settings.repair.statementTimeoutMs
  const answer = await withSession(context, { role: 'superuser', database: relation.database }, signal, async (session) => {
    const kept = await inspect(session, 'pageinspect', timeoutMs, signal, (inspection) => readAll(context, inspection, relation, pages))
    return { ok: true, value: kept, tookMs: 0 }
  })
  return (answer.ok ? answer.value : undefined) ?? NOTHING_KEPT
}

const NOTHING_KEPT: KeptPages = {
  rows: 0,
  unreadable: 0,
  indexedKeys: undefined,
  notDone: ['the rows of the damaged pages could not be listed, because the extension pageinspect is not there; their images are kept'],
}

async function readAll(context: StepContext, inspection: Inspection, relation: Relation, pages: readonly BadPage[]): Promise<KeptPages> {
  const columns = await listColumns(inspection, relation)
  let [rows, unreadable] = [0, 0]
  const header = toCopyLine(columns.flatMap(({ name }) => (name === '' ? [] : [name])))
  for (const page of pages) {
    const salvaged = await salvageRows(inspection, relation, columns, page)
    await keepInIncident(context, `rows/${fileNameOf(relation)}.block-${page.block}.copy`, header + salvaged.copyText)
    rows += salvaged.rows
    unreadable += salvaged.unreadable
  }
  const indexedKeys = await listIndexedKeys(
    inspection,
    relation,
    pages.map((page) => page.block),
  )
  const unlisted = `the keys that ${relation.name} lost could not be listed: it has no primary key that can be read`
  const notDone = indexedKeys === undefined ? [unlisted] : []
  return { rows, unreadable, indexedKeys, notDone }
}
