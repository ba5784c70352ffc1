import type { PostgresFailure } from '../../ports/postgres.ts'
import type { StepContext } from '../step.ts'
import { askOnce } from './login.ts'

const AT_MOST = 200

/** Databases that accept connections, by name, at most 200; or why they could not be listed. */
export async function listDatabases(
  context: StepContext,
  signal: AbortSignal,
): Promise<{ readonly ok: true; readonly names: readonly string[] } | { readonly ok: false; readonly why: string }> {
  const text = `select datname from pg_catalog.pg_database where datallowconn order by datname limit ${AT_MOST}`
  const answer = await askOnce(context, undefined, text, 10_000, signal)
  if (!answer.ok) return { ok: false, why: describeFailure(answer.failure) }
  return { ok: true, names: answer.value.map((row) => String(row['datname'])) }
}

/** "28P01 password authentication failed…", for people. */
export function describeFailure(failure: PostgresFailure): string {
  return failure.sqlState === undefined ? `${failure.kind}: ${failure.message}` : `${failure.sqlState} ${failure.message}`
}
