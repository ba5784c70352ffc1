import type { Damage } from '../../core/facts.ts'
import type { Row } from '../../ports/postgres.ts'
import { ask } from '../../server/ask.ts'
import type { StepContext } from '../step.ts'
import { findOwners } from './toast-owners.ts'

type Ground = Pick<StepContext, 'cluster' | 'outside'>

const PURPOSE = 'integrity'
const LIST_MS = 10_000
const READ_MS = 60_000
/** A few seconds of reading; the rows of a larger table are not looked for. */
const TABLE_BYTES_AT_MOST = 2 * 1024 ** 3
const ASKED_AT_MOST = 20

const DATABASES = `select datname from pg_catalog.pg_database where datallowconn and not pg_catalog.pg_is_in_recovery() order by datname limit 200`
const TABLES = `
  select t.oid::text as toast_oid, t.relname::text as toast, pg_catalog.pg_relation_filepath(t.oid) as toast_path,
         c.oid::pg_catalog.regclass::text as name, pg_catalog.pg_relation_filepath(c.oid) as path,
         pg_catalog.pg_relation_filepath(i.indexrelid) as index_path
    from pg_catalog.pg_class t
    join pg_catalog.pg_class c on c.reltoastrelid = t.oid
    join pg_catalog.pg_index i on i.indrelid = t.oid
   where t.relname = any($1::text[]) and pg_catalog.pg_relation_size(c.oid) <= ${TABLE_BYTES_AT_MOST}`

/** A table whose long values lie in a TOAST table, both by path, and that one's index. */
interface Toasted {
  readonly database: string
  readonly toastOid: number
  readonly toast: string
  readonly toastPath: string
  readonly name: string
  readonly path: string
  readonly indexPath: string
}

/**
 * Those of the long values named by the log that rows of today cannot be read for: any user may write such a line. Where the pieces are
 * all there and only the TOAST table's index does not lead to them, it is the index that is damaged. At most 20.
 */
export async function proveLostValues(ground: Ground, suspicions: readonly Damage[], signal: AbortSignal): Promise<readonly Damage[]> {
  const named = suspicions.filter(({ kind, proved }) => kind === 'lost-value' && proved !== true).slice(0, ASKED_AT_MOST)
  if (named.length === 0) return []
  const databases = await ask(ground.outside, { text: DATABASES, timeoutMs: LIST_MS, purpose: PURPOSE }, signal)
  const proved: Damage[] = []
  for (const { datname } of databases.ok ? databases.value : []) {
    for (const table of await findTables(ground, String(datname), named, signal)) {
      for (const { block } of named.filter(({ relationPath }) => relationPath === table.toast))
        proved.push(...(await proveOne(ground, table, block, signal)))
    }
  }
  return proved
}

async function findTables(ground: Ground, database: string, named: readonly Damage[], signal: AbortSignal): Promise<readonly Toasted[]> {
  const values = [named.map(({ relationPath }) => relationPath)]
  const answer = await ask(ground.outside, { database, text: TABLES, values, timeoutMs: LIST_MS, purpose: PURPOSE }, signal)
  return answer.ok ? answer.value.map((row) => toToasted(database, row)) : []
}

function toToasted(database: string, row: Row): Toasted {
  return {
    database,
    toastOid: Number(row['toast_oid']),
    toast: String(row['toast']),
    toastPath: String(row['toast_path']),
    name: String(row['name']),
    path: String(row['path']),
    indexPath: String(row['index_path']),
  }
}

async function proveOne(ground: Ground, table: Toasted, value: number, signal: AbortSignal): Promise<readonly Damage[]> {
  const { database, name, toast, path, toastOid, toastPath, indexPath } = table
  const tids = await findOwners(ground, { tablePath: path, toastOid }, new Set([value]), signal)
  const words = await whyUnreadable(ground, { database, name, tids }, signal)
  if (words === undefined) return []
  const told = `a long value of ${name} in ${database} cannot be read: ${words}`
  const [inTable, byIndex] = [
    await countPieces(ground, table, value, BY_TABLE, signal),
    await countPieces(ground, table, value, BY_INDEX, signal),
  ]
  if (inTable !== undefined && inTable > (byIndex ?? 0))
    return [
      { kind: 'index', relationPath: indexPath, block: -1, message: `${told}; the index of ${toast} does not lead to it`, proved: true },
    ]
  return [{ kind: 'lost-value', relationPath: toastPath, block: value, message: told, proved: true }]
}

/** What the server says when these rows are read with all their values; `undefined` when it reads them, or there are none. */
export async function whyUnreadable(
  { outside }: Ground,
  { database, name, tids }: { readonly database: string; readonly name: string; readonly tids: readonly string[] },
  signal: AbortSignal,
): Promise<string | undefined> {
  if (tids.length === 0) return undefined
  const text = `select pg_catalog.sum(pg_catalog.length(x::text)) as read from only ${name} as x where x.ctid = any($1::tid[])`
  const answer = await ask(outside, { database, text, values: [tids], timeoutMs: READ_MS, purpose: PURPOSE }, signal)
  return !answer.ok && answer.failure.sqlState?.startsWith('XX') === true ? answer.failure.message : undefined
}

const BY_TABLE = { enable_indexscan: 'off', enable_indexonlyscan: 'off', enable_bitmapscan: 'off' }
const BY_INDEX = { enable_seqscan: 'off', enable_bitmapscan: 'off' }

async function countPieces(
  { outside }: Ground,
  { database, toast }: Toasted,
  value: number,
  settings: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const text = `select pg_catalog.count(*)::int as pieces from pg_toast.${toast} where chunk_id = ${value}::oid`
  const answer = await ask(outside, { database, text, timeoutMs: READ_MS, purpose: PURPOSE, settings }, signal)
  return answer.ok ? Number(answer.value[0]?.['pieces']) : undefined
}
