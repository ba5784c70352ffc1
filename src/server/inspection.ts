import type { PostgresFailure, Row, Session } from '../ports/postgres.ts'

/** Rows of one statement, or why it failed. */
export type Asked = { readonly ok: true; readonly rows: readonly Row[] } | { readonly ok: false; readonly failure: PostgresFailure }

/** A transaction with an extension at hand that looks below the rows, and is rolled back: nothing of it stays in the catalog. */
export interface Inspection {
  /** Schema of the extension's functions, quoted. */
  readonly schema: string
  /** Rows of one statement; what fails is returned and spoils nothing but itself. */
  ask(text: string): Promise<Asked>
}

/** `pageinspect` reads pages, `pg_surgery` rewrites a tuple's header, `pg_visibility` compares a map with its table, `amcheck` reads an index for what it should be. */
export type InspectionExtension = 'pageinspect' | 'pg_surgery' | 'pg_visibility' | 'amcheck'

const SCHEMA = (extension: InspectionExtension): string => `
  select pg_catalog.quote_ident(n.nspname) as name
    from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
   where e.extname = '${extension}'`

/** Runs `work` with the extension at hand; `undefined` when it is not installed on this host. */
export async function inspect<T>(
  session: Session,
  extension: InspectionExtension,
  timeoutMs: number,
  signal: AbortSignal,
  work: (inspection: Inspection) => Promise<T>,
): Promise<T | undefined> {
  const query = (text: string) => session.query({ text, timeoutMs }, signal)
  try {
    for (const text of ['begin', 'set local session_replication_role = replica', `create extension if not exists ${extension}`]) {
      if (!(await query(text)).ok) return undefined
    }
    const schema = await query(SCHEMA(extension))
    if (!schema.ok) return undefined
    return await work({ schema: String(schema.value[0]?.['name']), ask: (text) => askInSavepoint(query, text) })
  } finally {
    await query('rollback')
  }
}

async function askInSavepoint(query: (text: string) => ReturnType<Session['query']>, text: string): Promise<Asked> {
  await query('savepoint inspection')
  const answer = await query(text)
  await query(answer.ok ? 'release savepoint inspection' : 'rollback to savepoint inspection')
  return answer.ok ? { ok: true, rows: answer.value } : { ok: false, failure: answer.failure }
}
