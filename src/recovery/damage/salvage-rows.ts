import type { Relation } from './find-relation.ts'
import type { HeapItem } from './heap-page.ts'
import type { Inspection } from '../../server/inspection.ts'
import type { TransactionFates } from './row-life.ts'
import { isAlive } from './row-life.ts'
import type { Column } from './values/column.ts'
import { toCopyLine } from './values/copy-line.ts'
import { decodeValue } from './values/decode-value.ts'

/** What could be read of one damaged page. */
export interface SalvagedRows {
  /** COPY's text format, one line for each row; the columns in the table's order. */
  readonly copyText: string
  readonly rows: number
  /** Rows that are there and could not be read. */
  readonly unreadable: number
}

/** A damaged page's bytes, with a header under which its line pointers can be read, and what they point to. */
export interface ReadablePage {
  readonly bytes: Uint8Array
  readonly items: readonly HeapItem[]
}

/**
 * Reads the living rows of a damaged page from its bytes as they lie on disk. Nothing goes through the server's buffers: there
 * a page that was once read with its checksum ignored passes for good, and may be written back with a new checksum. Which of the
 * rows hold the damaged bytes is not known.
 */
export async function salvageRows(
  inspection: Inspection,
  relation: Relation,
  columns: readonly Column[],
  { bytes, items }: ReadablePage,
  fates: TransactionFates,
): Promise<SalvagedRows> {
  const source = `${inspection.schema}.heap_page_items('\\x${Buffer.from(bytes).toString('hex')}'::bytea)`
  const lines: string[] = []
  let unreadable = 0
  for (const item of items) {
    if (item.kind === 'nonsense') unreadable += 1
    if (item.kind !== 'row' || !isAlive(item.header, fates)) continue
    const line = await salvageRow(inspection, relation, columns, `${source} where lp = ${item.number}`, item.header.columns)
    if (line === undefined) unreadable += 1
    else lines.push(line)
  }
  return { copyText: lines.join(''), rows: lines.length, unreadable }
}

async function salvageRow(
  inspection: Inspection,
  relation: Relation,
  columns: readonly Column[],
  item: string,
  held: number,
): Promise<string | undefined> {
  const split = `${inspection.schema}.tuple_data_split(${relation.oid}, t_data, t_infomask, t_infomask2, t_bits, true)`
  const hex = `array(
    select pg_catalog.encode(value, 'hex') from pg_catalog.unnest(${split}) with ordinality as u(value, position) order by position)`
  const answer = await inspection.ask(`select pg_catalog.to_json(${hex})::text as values from ${item}`)
  if (!answer.ok || answer.rows[0] === undefined) return undefined
  const values = JSON.parse(String(answer.rows[0]['values'])) as readonly (string | null)[]
  return toCopyLine(columns.flatMap((column, index) => (column.name === '' ? [] : [textOf(column, values[index], index >= held)])))
}

/** `isNewer`: the column was added after the row was written. */
function textOf({ type, missing }: Column, hex: string | null | undefined, isNewer: boolean): string | undefined {
  if (isNewer) return missing
  return hex === null || hex === undefined ? undefined : decodeValue(type, Buffer.from(hex, 'hex'))
}
