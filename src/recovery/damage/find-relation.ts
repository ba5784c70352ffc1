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
  /** Its changes are in the WAL: it is neither unlogged nor temporary. */
  readonly isPermanent: boolean
  /** With indexes and TOAST, as far as their files are there. */
  readonly totalBytes: number
  /** Of the main fork: up to the first segment that is missing, and as the last vacuum or analysis counted them. */
  readonly pages: number
  readonly pagesOnce: number
  /** Path of the main fork below the data directory. */
  readonly path: string
}

/** `gone`: it was dropped or rewritten since, and its file does not belong to anything any more. */
export type FoundRelation =
  | { readonly ok: true; readonly relation: Relation }
  | { readonly ok: false; readonly gone: true }
  | { readonly ok: false; readonly gone: false; readonly why: string }

const TIMEOUT_MS = 10_000
/** Objects below this are made by initdb. */
const FIRST_NORMAL_OID = 16_384
/** `pg_global`. */
const SHARED_TABLESPACE_OID = 1_664

/** Rows for `toRelation`; a condition on `c`, `pg_class`, follows. */
export const SELECT_RELATIONS = `
  select pg_catalog.current_database() as database, c.oid::text as oid, c.relkind::text as kind, c.relpersistence::text as persistence,
         pg_catalog.pg_relation_filepath(c.oid) as path,
         pg_catalog.format('%I.%I', n.nspname, c.relname) as name, n.nspname = 'pg_toast' as is_toast,
         pg_catalog.pg_total_relation_size(c.oid)::text as bytes, c.relpages::text as pages_once,
         (pg_catalog.pg_relation_size(c.oid) / 8192)::text as pages
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace`

/** The relation of a damaged file. Needs a login to its database; to any database for a catalog that all of them share. */
export async function findRelation(context: StepContext, file: RelationFile, signal: AbortSignal): Promise<FoundRelation> {
  const database = file.databaseOid === 0 ? undefined : await findDatabase(context, file.databaseOid, signal)
  if (database !== undefined && !database.ok) return database
  const tablespaceOid = file.databaseOid === 0 ? SHARED_TABLESPACE_OID : file.tablespaceOid
  const text = `${SELECT_RELATIONS} where c.oid = pg_catalog.pg_filenode_relation(${tablespaceOid}, ${file.filenode})`
  const answer = await askOnce(context, database?.name, text, TIMEOUT_MS, signal)
  if (!answer.ok) return { ok: false, gone: false, why: `its database could not be asked: ${describeFailure(answer.failure)}` }
  const row = answer.value[0]
  return row === undefined ? { ok: false, gone: true } : { ok: true, relation: toRelation(row) }
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
    const answer = await askOnce(
      context,
      database,
      `${SELECT_RELATIONS} where c.relkind = 'i' and c.relname = ${literal}`,
      TIMEOUT_MS,
      signal,
    )
    if (answer.ok) found.push(...answer.value.map(toRelation))
  }
  return found
}

async function findDatabase(
  context: StepContext,
  oid: number,
  signal: AbortSignal,
): Promise<{ readonly ok: true; readonly name: string } | Exclude<FoundRelation, { ok: true }>> {
  const answer = await askOnce(context, undefined, `select datname from pg_catalog.pg_database where oid = ${oid}`, TIMEOUT_MS, signal)
  if (!answer.ok) return { ok: false, gone: false, why: `the server could not be asked: ${describeFailure(answer.failure)}` }
  const name = answer.value[0]?.['datname'] as string | undefined
  return name === undefined ? { ok: false, gone: true } : { ok: true, name }
}

/** One row of `SELECT_RELATIONS`. */
export function toRelation(row: Row): Relation {
  const oid = Number(row['oid'])
  return {
    database: String(row['database']),
    oid,
    name: String(row['name']),
    kind: String(row['kind']),
    isCatalog: oid < FIRST_NORMAL_OID,
    isToast: row['is_toast'] === true,
    isPermanent: row['persistence'] === 'p',
    totalBytes: Number(row['bytes']),
    pages: Number(row['pages']),
    pagesOnce: Number(row['pages_once']),
    path: String(row['path']),
  }
}
