import type { Session } from '../../ports/postgres.ts'
import { keepInIncident } from '../server/incident-files.ts'
import type { StepContext } from '../step.ts'
import type { Relation } from './find-relation.ts'
import type { HeapItem } from './heap-page.ts'
import type { IndexedKey } from './indexed-keys.ts'
import type { KeyIndex } from './key-index.ts'
import type { TransactionFates } from './row-life.ts'
import { lifeBehind } from './row-life.ts'
import { fileNameOf } from './save-pages.ts'
import { toCopyLine } from './values/copy-line.ts'
import { isReadable } from './values/decode-value.ts'

type KeyValues = readonly (string | undefined)[]

/** Keys of the rows of damaged pages, by what their page says of the row. */
export interface FoundKeys {
  readonly index: KeyIndex
  readonly alive: readonly KeyValues[]
  /** What would tell whether the row is alive is damaged. */
  readonly doubtful: readonly KeyValues[]
  /** Of rows that had been deleted, or updated to another place, before the damage. */
  readonly dead: readonly KeyValues[]
}

/** What came of them. */
export interface LostKeys {
  readonly lost: number
  /** Those among them whose page no longer says whether the row had been deleted before. */
  readonly doubtful: number
  readonly path: string
}

/** Where the keys that a table lost are listed, within the incident folder: COPY's text format, one line for each. */
export function lostKeysName(relation: Relation): string {
  return `lost-keys/${fileNameOf(relation)}.txt`
}

export function sortKeys(
  index: KeyIndex,
  keys: readonly IndexedKey[],
  items: ReadonlyMap<number, readonly HeapItem[]>,
  fates: TransactionFates,
): FoundKeys {
  const byLife = Map.groupBy(keys, ({ tid }) => lifeBehind(items.get(tid.block) ?? [], tid.number, fates))
  const valuesOf = (found: readonly IndexedKey[] = []): readonly KeyValues[] => found.map(({ values }) => values)
  return { index, alive: valuesOf(byLife.get('alive')), doubtful: valuesOf(byLife.get('doubtful')), dead: valuesOf(byLife.get('dead')) }
}

/**
 * Lists the lost keys in the incident folder, and beside them those of rows that had been deleted before. A doubtful row that the
 * table, rewritten by now, still holds elsewhere is not lost.
 */
export async function keepLostKeys(
  context: StepContext,
  session: Session,
  relation: Relation,
  found: FoundKeys,
  signal: AbortSignal,
): Promise<LostKeys> {
  const timeoutMs = context.settings.repair.statementTimeoutMs / 2
  const missing = await withoutPresent(session, relation, found, timeoutMs, signal)
  const lost = toLines([...found.alive, ...missing])
  const dead = toLines(found.dead)
  if (dead.length > 0) await keepInIncident(context, `lost-keys/${fileNameOf(relation)}.deleted-before.txt`, dead.join(''))
  return { lost: lost.length, doubtful: missing.length, path: await keepInIncident(context, lostKeysName(relation), lost.join('')) }
}

function toLines(keys: readonly KeyValues[]): readonly string[] {
  return [...new Set(keys.map(toCopyLine))].toSorted()
}

/** Those of the doubtful keys that the table does not hold; all of them where it cannot be asked by them. */
async function withoutPresent(
  session: Session,
  relation: Relation,
  { index: { columns }, doubtful }: FoundKeys,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly KeyValues[]> {
  const canAsk = columns.every(({ name, type }) => name !== '' && type.element === undefined && isReadable(type))
  if (doubtful.length === 0 || !canAsk) return doubtful
  const names = columns.map((_, position) => `k${position + 1}`)
  const same = columns.map(
    ({ name, type }, position) => `t."${name.replaceAll('"', '""')}" = ${names[position]}::pg_catalog."${type.name}"`,
  )
  const text = `
    select number::int - 1 as position
      from pg_catalog.unnest(${names.map((_, position) => `$${position + 1}::text[]`).join(', ')}) with ordinality as k(${names.join(', ')}, number)
     where exists (select from only ${relation.name} as t where ${same.join(' and ')})`
  const values = columns.map((_, position) => doubtful.map((key) => key[position] ?? null))
  const answer = await session.query({ text, values, timeoutMs }, signal)
  const present = new Set(answer.ok ? answer.value.map((row) => Number(row['position'])) : [])
  return doubtful.filter((_, position) => !present.has(position))
}
