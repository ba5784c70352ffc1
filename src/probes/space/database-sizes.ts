import type { Questioner } from './ask.ts'

const DATABASES_AT_MOST = 50
const SIZES = `
  select datname, dattablespace::text as tablespace, pg_catalog.pg_database_size(oid)::text as bytes
    from pg_catalog.pg_database
   where datallowconn
   order by pg_catalog.pg_database_size(oid) desc
   limit ${DATABASES_AT_MOST}`

/** `pg_default`, which is the data directory's `base`. */
const DEFAULT_TABLESPACE = '1663'

/** Something with a size, and which place of the server's it lies in. */
export interface Sized {
  readonly name: string
  /** `data`, or `tablespace 16400`. */
  readonly role: string
  readonly bytes: number
}

/** Databases, the largest first; `undefined` when the server does not answer. It looks at each of their files. */
export async function readDatabaseSizes(questioner: Questioner): Promise<readonly Sized[] | undefined> {
  const rows = await questioner.ask(SIZES)
  return rows?.map((row) => ({ name: String(row['datname']), role: roleOf(String(row['tablespace'])), bytes: Number(row['bytes']) }))
}

/** The place that the tablespace with that number is. */
export function roleOf(tablespace: string): string {
  return tablespace === DEFAULT_TABLESPACE ? 'data' : `tablespace ${tablespace}`
}
