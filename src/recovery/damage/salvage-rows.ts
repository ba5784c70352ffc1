import type { BadPage } from './scan-pages.ts'
import type { Column } from './decode-value.ts'
import { decodeValue, toCopyLine } from './decode-value.ts'
import type { Inspection } from './inspection.ts'
import { mendHeader } from './mend-header.ts'
import type { Relation } from './find-relation.ts'

/** What could be read of one damaged page. */
export interface SalvagedRows {
  /** COPY's text format, one line for each row; the columns in the table's order. */
  readonly copyText: string
  readonly rows: number
  readonly unreadable: number
}

/** Line pointers in use whose tuple was not deleted, as far as its own bits tell: deleter invalid, or only a locker. */
const LIVE = `lp_flags = 1 and (t_xmax::text = '0' or t_infomask & 2048 <> 0 or t_infomask & 128 <> 0) and t_infomask & 768 <> 512`

/** Columns of a table, dropped ones included (with an empty name), in the order in which a tuple holds them. */
export async function listColumns(inspection: Inspection, relation: Relation): Promise<readonly Column[]> {
  const text = `
    select case when a.attisdropped then '' else a.attname::text end as name, coalesce(t.typname::text, '') as type
      from pg_catalog.pg_attribute a left join pg_catalog.pg_type t on t.oid = a.atttypid
     where a.attrelid = ${relation.oid} and a.attnum > 0 order by a.attnum`
  const answer = await inspection.ask(text)
  return answer.ok ? answer.rows.map((row) => ({ name: String(row['name']), type: String(row['type']) })) : []
}

/**
 * Reads the rows of a damaged page from its bytes as they lie on disk. Nothing goes through the server's buffers: there
 * a page that was once read with its checksum ignored passes for good, and may be written back with a new checksum.
 */
export async function salvageRows(
  inspection: Inspection,
  relation: Relation,
  columns: readonly Column[],
  page: BadPage,
): Promise<SalvagedRows> {
  const bytes = page.verdict === 'bad-header' ? mendHeader(page.bytes) : page.bytes
  const items = `${inspection.schema}.heap_page_items('\\x${Buffer.from(bytes).toString('hex')}'::bytea)`
  const pointers = await inspection.ask(`select lp from ${items} where ${LIVE}`)
  if (!pointers.ok) return { copyText: '', rows: 0, unreadable: 0 }
  const lines: string[] = []
  for (const row of pointers.rows) {
    const line = await salvageRow(inspection, relation, columns, `${items} where lp = ${Number(row['lp'])}`)
    if (line !== undefined) lines.push(line)
  }
  return { copyText: lines.join(''), rows: lines.length, unreadable: pointers.rows.length - lines.length }
}

async function salvageRow(
  inspection: Inspection,
  relation: Relation,
  columns: readonly Column[],
  item: string,
): Promise<string | undefined> {
  const split = `${inspection.schema}.tuple_data_split(${relation.oid}, t_data, t_infomask, t_infomask2, t_bits, true)`
  const hex = `array(
    select pg_catalog.encode(value, 'hex') from pg_catalog.unnest(${split}) with ordinality as u(value, position) order by position)`
  const answer = await inspection.ask(`select pg_catalog.to_json(${hex})::text as values from ${item}`)
  if (!answer.ok) return undefined
  const values = JSON.parse((answer.rows[0]?.['values'] as string | undefined) ?? '[]') as readonly (string | null)[]
  return toCopyLine(columns.flatMap(({ name, type }, index) => (name === '' ? [] : [decode(type, values[index])])))
}

function decode(type: string, hex: string | null | undefined): string | undefined {
  return hex === null || hex === undefined ? undefined : decodeValue(type, Buffer.from(hex, 'hex'))
}
