import type { Session } from '../../ports/postgres.ts'
import type { Column } from './decode-value.ts'
import { decodeValue } from './decode-value.ts'
import type { Relation } from './find-relation.ts'
import type { Inspection } from './inspection.ts'

/** Keys that the primary key's index holds for damaged pages; some may be of old row versions. */
export interface IndexedKeys {
  readonly column: Column
  readonly keys: readonly string[]
}

interface PrimaryKey {
  readonly index: string
  readonly column: Column
  /** `pg_attribute.attlen`: -1 for a value with a varlena header. */
  readonly length: number
}

const KEYS_AT_MOST = 100_000

/** The first column of the primary key's B-tree. */
const PRIMARY_KEY = (oid: number): string => `
  select pg_catalog.format('%I.%I', n.nspname, c.relname) as index, a.attname::text as name, t.typname::text as type, a.attlen::int as length
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indexrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    join pg_catalog.pg_type t on t.oid = a.atttypid
   where i.indrelid = ${oid} and i.indisprimary and i.indnkeyatts = 1 and i.indisvalid`

/**
 * Lists them from the index pages themselves: a scan would visit the damaged heap page. Works for a key of one column;
 * `undefined` where there is none, or where the index cannot be read.
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
  return { column: key.column, keys: answer.rows.map((row) => decodeKey(key, String(row['data']))) }
}

async function findPrimaryKey(inspection: Inspection, relation: Relation): Promise<PrimaryKey | undefined> {
  const answer = await inspection.ask(PRIMARY_KEY(relation.oid))
  const row = answer.ok ? answer.rows[0] : undefined
  if (row === undefined) return undefined
  const column = { name: String(row['name']), type: String(row['type']) }
  return { index: String(row['index']), column, length: Number(row['length']) }
}

/** `data` is the tuple's bytes as "2a 00 00 00 …". */
function decodeKey({ column, length }: PrimaryKey, data: string): string {
  const bytes = Buffer.from(data.replaceAll(' ', ''), 'hex')
  return decodeValue(column.type, length > 0 ? bytes.subarray(0, length) : withoutHeader(bytes))
}

/** A short varlena has one header byte, `length << 1 | 1`; a long one has four, `length << 2`. */
function withoutHeader(bytes: Buffer): Buffer {
  const first = bytes.readUInt8()
  return (first & 1) === 1 ? bytes.subarray(1, first >> 1) : bytes.subarray(4, bytes.readUInt32LE() >>> 2)
}

/** Those of the keys that the table no longer holds; all of them when it cannot be asked. */
export async function findLostKeys(
  session: Session,
  relation: Relation,
  { column, keys }: IndexedKeys,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const name = `"${column.name.replaceAll('"', '""')}"`
  const text = `
    select key from pg_catalog.unnest($1::text[]) as candidate(key)
     where not exists (select from only ${relation.name} as t where t.${name} = candidate.key::pg_catalog."${column.type}")
     order by key`
  const answer = await session.query({ text, values: [keys], timeoutMs }, signal)
  return answer.ok ? answer.value.map((row) => String(row['key'])) : keys
}
