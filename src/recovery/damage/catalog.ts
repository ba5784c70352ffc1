import type { Row } from '../../ports/postgres.ts'
import type { StepContext } from '../step.ts'
import { runSingleUser } from '../server/single-user.ts'
import type { RelationFile } from './relation-file.ts'

/** A system catalog, as it is found while nobody can log in. */
export interface Catalog {
  readonly database: string
  /** The table itself, also where an index of it is damaged; "pg_class". */
  readonly name: string
  readonly isIndex: boolean
  /** Of the table and all its indexes, below the data directory. */
  readonly paths: readonly string[]
}

export type FoundCatalog = { readonly ok: true; readonly catalog: Catalog } | { readonly ok: false; readonly why: string }

const TIMEOUT_MS = 60_000
const FIRST_NORMAL_OID = 16_384
const SHARED_TABLESPACE_OID = 1_664
/** There in every cluster; single-user mode does not ask whether it may be connected to. */
const ANY_DATABASE = 'template1'

/** Pages with a wrong checksum are read as they are: what is looked for may lie on one. Nothing is written. */
const READ_ANYWAY = ['ignore_checksum_failure=on']

/** What a damaged file of a stopped cluster belongs to. */
export async function findCatalog(context: StepContext, file: RelationFile, signal: AbortSignal): Promise<FoundCatalog> {
  const database = file.databaseOid === 0 ? ANY_DATABASE : await findDatabase(context, file.databaseOid, signal)
  if (database === undefined) return { ok: false, why: `the database of ${file.path} could not be found` }
  const tablespaceOid = file.databaseOid === 0 ? SHARED_TABLESPACE_OID : file.tablespaceOid
  const rows = await ask(context, database, membersOf(tablespaceOid, file.filenode), signal)
  if (typeof rows === 'string') return { ok: false, why: rows }
  const [first] = rows
  if (first === undefined) return { ok: false, why: `nothing has the file ${file.path} any more` }
  if (Number(first['oid']) >= FIRST_NORMAL_OID) return { ok: false, why: `${file.path} is no system catalog` }
  const paths = rows.map((row) => String(row['path']))
  return { ok: true, catalog: { database, name: String(first['name']), isIndex: first['kind'] === 'i', paths } }
}

/** Where the files of a catalog are now: a rewrite gives it others. */
export async function findCatalogPaths(context: StepContext, catalog: Catalog, signal: AbortSignal): Promise<readonly string[]> {
  const rows = await ask(context, catalog.database, filesOf(`'pg_catalog.${catalog.name}'::pg_catalog.regclass`), signal)
  return typeof rows === 'string' ? [] : rows.map((row) => String(row['path']))
}

/** The table that the file belongs to, or whose index it belongs to, with all that belongs to that table. */
function membersOf(tablespaceOid: number, filenode: number): string {
  const damaged = `pg_catalog.pg_filenode_relation(${tablespaceOid}, ${filenode})`
  return filesOf(`coalesce((select i.indrelid from pg_catalog.pg_index i where i.indexrelid = ${damaged}), ${damaged})`, damaged)
}

function filesOf(table: string, damaged = table): string {
  return `
    select t.oid::pg_catalog.text as oid, t.relname::pg_catalog.text as name,
           (select d.relkind::pg_catalog.text from pg_catalog.pg_class d where d.oid = ${damaged}) as kind,
           pg_catalog.pg_relation_filepath(c.oid) as path
      from pg_catalog.pg_class t, pg_catalog.pg_class c
     where t.oid = ${table} and (c.oid = t.oid or c.oid in (select x.indexrelid from pg_catalog.pg_index x where x.indrelid = t.oid))`
}

async function findDatabase(context: StepContext, oid: number, signal: AbortSignal): Promise<string | undefined> {
  const text = `select d.datname::pg_catalog.text as name from pg_catalog.pg_database d where d.oid = ${oid}`
  const rows = await ask(context, ANY_DATABASE, text, signal)
  return typeof rows === 'string' ? undefined : (rows[0]?.['name'] as string | undefined)
}

async function ask(context: StepContext, database: string, text: string, signal: AbortSignal): Promise<readonly Row[] | string> {
  const answer = await runSingleUser(context, { database, settings: READ_ANYWAY, statements: [text], timeoutMs: TIMEOUT_MS }, signal)
  return answer.ok ? answer.rows : answer.why
}
