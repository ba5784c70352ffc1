import type { Inspection } from '../../server/inspection.ts'
import type { Relation } from './find-relation.ts'
import type { Column } from './values/column.ts'
import { selectColumns, toColumn } from './values/column.ts'

/** A unique B-tree by which the rows of a table can be named. */
export interface KeyIndex {
  /** Quoted and qualified. */
  readonly name: string
  /** Of its file, below the data directory. */
  readonly path: string
  /** Without included ones. */
  readonly columns: readonly Column[]
  /** It holds only some of the rows. */
  readonly isPartial: boolean
}

/** The primary key before any other unique index; then whole before partial ones, columns before expressions, few columns before many. */
const SELECT = (tableOid: number): string => `
  select c.oid::text as oid, pg_catalog.format('%I.%I', n.nspname, c.relname) as name, pg_catalog.pg_relation_filepath(c.oid) as path,
         i.indnkeyatts::int as columns, i.indpred is not null as partial
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indexrelid
    join pg_catalog.pg_am m on m.oid = c.relam
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where i.indrelid = ${tableOid} and i.indisunique and i.indisvalid and m.amname = 'btree'
   order by i.indisprimary desc, i.indpred is not null, i.indexprs is not null, i.indnkeyatts, c.oid
   limit 1`

/** `undefined` where the table has none. */
export async function findKeyIndex({ ask }: Inspection, { oid }: Relation): Promise<KeyIndex | undefined> {
  const found = await ask(SELECT(oid))
  const row = found.ok ? found.rows[0] : undefined
  if (row === undefined) return undefined
  const columns = await ask(selectColumns(`a.attrelid = ${String(row['oid'])} and a.attnum <= ${String(row['columns'])}`))
  if (!columns.ok) return undefined
  return { name: String(row['name']), path: String(row['path']), columns: columns.rows.map(toColumn), isPartial: row['partial'] === true }
}
