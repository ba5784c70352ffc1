import type { Session } from '../../ports/postgres.ts'
import type { Column } from './decode-value.ts'
import type { Relation } from './find-relation.ts'
import type { KeyColumn } from './index-tuple.ts'
import { readIndexTuple } from './index-tuple.ts'
import type { Inspection } from './inspection.ts'

/** Keys that the primary key's index holds for damaged pages; some may be of old row versions. */
export interface IndexedKeys {
  readonly columns: readonly Column[]
  /** One text for each column. */
  readonly keys: readonly (readonly string[])[]
}

interface PrimaryKey {
  /** Quoted and qualified. */
  readonly index: string
  readonly columns: readonly KeyColumn[]
}

const KEYS_AT_MOST = 100_000

/** The columns of the primary key's B-tree, in its order; length and alignment are those of the index. */
const PRIMARY_KEY = (oid: number): string => `
  select pg_catalog.format('%I.%I', n.nspname, c.relname) as index, a.attname::text as name, t.typname::text as type,
         x.attlen::int as length, x.attalign::text as alignment
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indexrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   cross join lateral pg_catalog.unnest(i.indkey::int2[]) with ordinality as k(number, position)
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
    join pg_catalog.pg_attribute x on x.attrelid = i.indexrelid and x.attnum = k.position
    join pg_catalog.pg_type t on t.oid = a.atttypid
   where i.indrelid = ${oid} and i.indisprimary and i.indisvalid and k.position <= i.indnkeyatts
   order by k.position`

/**
 * Lists them from the index pages themselves: a scan would visit the damaged heap page. `undefined` where there is no
 * primary key, or where its index cannot be read.
 */
export async function listIndexedKeys(
  inspection: Inspection,
  relation: Relation,
  blocks: readonly number[],
): Promise<IndexedKeys | undefined> {
  const key = await findPrimaryKey(inspection, relation)
  if (key === undefined) return undefined
  const literal = `'${key.index.replaceAll("'", "''")}'`
  const answer = await inspection.ask(`
    select distinct item.data
      from pg_catalog.generate_series(1, (pg_catalog.pg_relation_size(${literal}::regclass) / 8192)::int - 1) as page(number),
           lateral ${inspection.schema}.bt_page_stats(${literal}, page.number) as stats,
           lateral ${inspection.schema}.bt_page_items(${literal}, page.number) as item,
           lateral pg_catalog.unnest(coalesce(item.tids, array[item.htid])) as heap(tid)
     where stats.type = 'l' and (heap.tid::text::point)[0]::bigint = any(array[${blocks.join(',')}]::bigint[])
     limit ${KEYS_AT_MOST}`)
  if (!answer.ok) return undefined
  return { columns: key.columns, keys: answer.rows.map((row) => readIndexTuple(key.columns, toBytes(row['data']))) }
}

async function findPrimaryKey(inspection: Inspection, relation: Relation): Promise<PrimaryKey | undefined> {
  const answer = await inspection.ask(PRIMARY_KEY(relation.oid))
  const rows = answer.ok ? answer.rows : []
  if (rows[0] === undefined) return undefined
  const columns = rows.map((row) => ({
    name: String(row['name']),
    type: String(row['type']),
    length: Number(row['length']),
    alignment: String(row['alignment']),
  }))
  return { index: String(rows[0]['index']), columns }
}

/** `data` is the tuple's bytes as "2a 00 00 00 …". */
function toBytes(data: unknown): Buffer {
  return Buffer.from(String(data).replaceAll(' ', ''), 'hex')
}

/** Those of the keys that the table no longer holds, their columns joined by tabs; all of them when it cannot be asked. */
export async function findLostKeys(
  session: Session,
  relation: Relation,
  { columns, keys }: IndexedKeys,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const names = columns.map((_, index) => `k${index + 1}`)
  const same = columns.map(({ name, type }, index) => `t."${name.replaceAll('"', '""')}" = ${names[index]}::pg_catalog."${type}"`)
  const text = `
    select pg_catalog.concat_ws(E'\\t', ${names.join(', ')}) as key
      from pg_catalog.unnest(${names.map((_, index) => `$${index + 1}::text[]`).join(', ')}) as candidate(${names.join(', ')})
     where not exists (select from only ${relation.name} as t where ${same.join(' and ')})
     order by 1`
  const values = columns.map((_, index) => keys.map((key) => key[index]))
  const answer = await session.query({ text, values, timeoutMs }, signal)
  return answer.ok ? answer.value.map((row) => String(row['key'])) : keys.map((key) => key.join('\t'))
}
