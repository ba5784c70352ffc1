import type { Row } from '../../ports/postgres.ts'
import { describeFailure } from '../server/databases.ts'
import { askOnce } from '../server/login.ts'
import type { StepContext } from '../step.ts'
import type { RelationFile } from './relation-file.ts'

/** A relation, as its database's catalog knows it. */
export interface Relation {
  readonly database: string
  readonly oid: number
  /** Quoted and qualified, ready for a statement. */
  readonly name: string
  /** `pg_class.relkind`. */
  readonly kind: string
  /** Part of the system catalogs, their indexes or their TOAST tables. */
  readonly isCatalog: boolean
  readonly isToast: boolean
  /** With indexes and TOAST, as far as their files are there. */
  readonly totalBytes: number
  /** Path of the main fork below the data directory. */
  readonly path: string
}

export type FoundRelation = { readonly ok: true; readonly relation: Relation } | { readonly ok: false; readonly why: string }

const TIMEOUT_MS = 10_000
/** Objects below this are made by initdb. */
const FIRST_NORMAL_OID = 16_384

const SELECT = `
  select c.oid::text as oid, c.relkind::text as kind, pg_catalog.pg_relation_filepath(c.oid) as path,
         pg_catalog.format('%I.%I', n.nspname, c.relname) as name, n.nspname = 'pg_toast' as is_toast,
         pg_catalog.pg_total_relation_size(c.oid)::text as bytes
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace`

/** The relation of a damaged file. Needs a login to its database. */
export async function findRelation(context: StepContext, file: RelationFile, signal: AbortSignal): Promise<FoundRelation> {
  if (file.databaseOid === 0) return { ok: false, why: 'it is a catalog that all databases share' }
  const database = await findDatabase(context, file.databaseOid, signal)
  if (!database.ok) return database
  const text = `${SELECT} where c.oid = pg_catalog.pg_filenode_relation(${file.tablespaceOid}, ${file.filenode})`
  const answer = await askOnce(context, database.name, text, TIMEOUT_MS, signal)
  if (!answer.ok) return { ok: false, why: `database ${database.name} could not be asked: ${describeFailure(answer.failure)}` }
  const row = answer.value[0]
  if (row === undefined) return { ok: false, why: 'no relation has this file any more' }
  return { ok: true, relation: toRelation(database.name, row) }
}

/** User indexes of that name in any of the databases: the server's message tells neither schema nor database. */
export async function findIndexes(
  context: StepContext,
  name: string,
  databases: readonly string[],
  signal: AbortSignal,
): Promise<readonly Relation[]> {
  const found: Relation[] = []
  const literal = `'${name.replaceAll("'", "''")}'`
  for (const database of databases) {
    const answer = await askOnce(context, database, `${SELECT} where c.relkind = 'i' and c.relname = ${literal}`, TIMEOUT_MS, signal)
    if (answer.ok) found.push(...answer.value.map((row) => toRelation(database, row)))
  }
  return found
}

/** The TOAST table of a table with its index: reading the table's long values reads both. Empty where it has none, `undefined` when it cannot be asked. */
export async function findToast(context: StepContext, table: Relation, signal: AbortSignal): Promise<readonly Relation[] | undefined> {
  const text = `${SELECT}
    where c.oid in (select reltoastrelid from pg_catalog.pg_class where oid = ${table.oid})
       or c.oid in (select i.indexrelid from pg_catalog.pg_index i join pg_catalog.pg_class t on t.reltoastrelid = i.indrelid
                     where t.oid = ${table.oid})`
  const answer = await askOnce(context, table.database, text, TIMEOUT_MS, signal)
  return answer.ok ? answer.value.map((row) => toRelation(table.database, row)) : undefined
}

async function findDatabase(
  context: StepContext,
  oid: number,
  signal: AbortSignal,
): Promise<{ ok: true; name: string } | { ok: false; why: string }> {
  const answer = await askOnce(context, undefined, `select datname from pg_catalog.pg_database where oid = ${oid}`, TIMEOUT_MS, signal)
  if (!answer.ok) return { ok: false, why: `the server could not be asked: ${describeFailure(answer.failure)}` }
  const name = answer.value[0]?.['datname'] as string | undefined
  return name === undefined ? { ok: false, why: 'its database does not exist any more' } : { ok: true, name }
}

function toRelation(database: string, row: Row): Relation {
  const oid = Number(row['oid'])
  return {
    database,
    oid,
    name: String(row['name']),
    kind: String(row['kind']),
    isCatalog: oid < FIRST_NORMAL_OID,
    isToast: row['is_toast'] === true,
    totalBytes: Number(row['bytes']),
    path: String(row['path']),
  }
}
