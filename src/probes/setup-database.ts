import type { Postgres, PostgresFailure, Session } from '../ports/postgres.ts'
import { RING, RING_ROWS, SCHEMA } from './write-ring.ts'

/**
 * An existing schema of that name must be the superuser's own: a table that another user prepared could have triggers,
 * which would run with the superuser's rights.
 */
const REFUSE_FOREIGN_SCHEMA = `do $$
begin
  if exists (
    select from pg_catalog.pg_namespace n left join pg_catalog.pg_class c on c.relnamespace = n.oid
    where n.nspname = '${SCHEMA}'
      and not (select rolsuper from pg_catalog.pg_roles where oid = coalesce(c.relowner, n.nspowner))
  ) then
    raise exception 'the schema ${SCHEMA} or something in it belongs to a user who is no superuser'
      using hint = 'drop it, or move it out of the way';
  end if;
end $$`

/**
 * The ring: updates stay within their page (heap-only tuples), so neither the table nor its index grows. The primary key
 * is also what a publication for all tables asks of it. Autovacuum comes by every 1,000 writes and never analyzes.
 */
const CREATE_RING = `create table if not exists ${RING} (
  slot smallint primary key,
  writes bigint not null default 0,
  written_at timestamptz
) with (
  fillfactor = 50,
  autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_analyze_threshold = 2000000000
)`

const FILL_RING = `insert into ${RING} (slot)
select pg_catalog.generate_series(0, ${RING_ROWS - 1}) on conflict do nothing`

/** An identifier in quotes; a name with a zero byte, which PostgreSQL cannot have, is refused. */
function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0')) throw new RangeError('a user name is not empty and has no zero byte')
  return `"${name.replaceAll('"', '""')}"`
}

/**
 * What makes the write probe's ring, in order, for pgwatchd or for a person to run as a superuser in the database that
 * the probe writes to. Each may be run again. `undefined`: no application user, the superuser writes.
 */
export function setupStatements(applicationUser: string | undefined): readonly string[] {
  const create = [REFUSE_FOREIGN_SCHEMA, `create schema if not exists ${SCHEMA}`, CREATE_RING, FILL_RING]
  if (applicationUser === undefined) return create
  const user = quoteIdentifier(applicationUser)
  return [...create, `grant usage on schema ${SCHEMA} to ${user}`, `grant select, update on ${RING} to ${user}`]
}

/** What takes everything back that `setupStatements` made, the grants included, and nothing that somebody else put there. */
export function undoStatements(): readonly string[] {
  return [REFUSE_FOREIGN_SCHEMA, `drop table if exists ${RING}`, `drop schema if exists ${SCHEMA}`]
}

export interface SetupRequest {
  readonly postgres: Postgres
  /** The database that the write probe writes to; `undefined`: the superuser's. */
  readonly database: string | undefined
  readonly statements: readonly string[]
  /** For the login and for each statement. */
  readonly timeoutMs: number
  /** Called before each statement with its text. */
  readonly report: (statement: string) => void
}

export type SetupOutcome =
  | { readonly ok: true }
  /** `statement` is empty when the login failed. */
  | { readonly ok: false; readonly statement: string; readonly failure: PostgresFailure }

async function runAll(session: Session, { statements, timeoutMs, report }: SetupRequest, signal?: AbortSignal): Promise<SetupOutcome> {
  for (const statement of statements) {
    report(statement)
    const answer = await session.query({ text: statement, timeoutMs }, signal)
    if (!answer.ok) return { ok: false, statement, failure: answer.failure }
  }
  return { ok: true }
}

/** Runs statements as the superuser, stopping at the first that fails. All are idempotent, so it may simply be run again. */
export async function runSetup(request: SetupRequest, signal?: AbortSignal): Promise<SetupOutcome> {
  const { postgres, database, timeoutMs } = request
  const where = database === undefined ? {} : { database }
  // A schema that is made while every transaction is read-only by default would be refused.
  const settings = { default_transaction_read_only: 'off', synchronous_commit: 'on' }
  const opened = await postgres.open({ role: 'superuser', ...where, timeoutMs, purpose: 'setup-database', settings }, signal)
  if (!opened.ok) return { ok: false, statement: '', failure: opened.failure }
  try {
    return await runAll(opened.value, request, signal)
  } finally {
    await opened.value.close()
  }
}
