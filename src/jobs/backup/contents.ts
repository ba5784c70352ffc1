import type { DatabaseContents } from '../../core/backup/manifest.ts'
import type { Session } from '../../ports/postgres.ts'
import { describeFailure } from '../../server/ask.ts'
import type { Outcome } from './backup.ts'

const TABLES_AT_MOST = 1_000

const TABLES = `
  select pg_catalog.format('%I.%I', n.nspname, c.relname) as name, greatest(c.reltuples, 0)::bigint::text as estimate
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'm') and c.relpersistence = 'p'
     and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast'
   order by c.relpages desc, 1`

export interface CountLimits {
  /** A table that is estimated to hold more rows is not counted. */
  readonly exactRowsAtMost: number
  readonly timeoutMs: number
}

/**
 * What the session's database holds, in the session's snapshot. Rows are counted where every listed table is small enough,
 * otherwise estimated: a mixture could not be compared with anything.
 */
export async function readContents(
  session: Session,
  database: string,
  limits: CountLimits,
  signal: AbortSignal,
): Promise<Outcome<DatabaseContents>> {
  const listed = await session.query({ text: TABLES, timeoutMs: limits.timeoutMs }, signal)
  if (!listed.ok) return { ok: false, code: 'server', why: `${database}: ${describeFailure(listed.failure)}`, hint: '' }
  const estimates = listed.value.map((row) => [String(row['name']), Number(row['estimate'])] as const)
  const total = estimates.reduce((sum, [, rows]) => sum + rows, 0)
  const shown = estimates.slice(0, TABLES_AT_MOST)
  const counted =
    total > limits.exactRowsAtMost
      ? undefined
      : await count(
          session,
          shown.map(([name]) => name),
          limits.timeoutMs,
          signal,
        )
  return {
    ok: true,
    value: {
      name: database,
      tables: estimates.length,
      rows: Object.fromEntries(counted ?? shown),
      rowsAre: counted === undefined ? 'estimated' : 'exact',
    },
  }
}

async function count(
  session: Session,
  names: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly (readonly [string, number])[] | undefined> {
  const counted: (readonly [string, number])[] = []
  for (const name of names) {
    const answer = await session.query({ text: `select count(*)::text as rows from only ${name}`, timeoutMs }, signal)
    if (!answer.ok) return undefined
    counted.push([name, Number(answer.value[0]?.['rows'])])
  }
  return counted
}
