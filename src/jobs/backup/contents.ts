import type { DatabaseContents } from '../../core/backup/manifest.ts'
import type { Session } from '../../ports/postgres.ts'
import { ask, describeFailure, inSession } from '../../server/ask.ts'
import type { BackupGround, Outcome } from './backup.ts'
import { refuse } from './refuse.ts'

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
  if (!listed.ok) return refuse('server', `${database}: ${describeFailure(listed.failure)}`)
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

const DATABASES = 'select datname from pg_catalog.pg_database where datallowconn and not datistemplate order by datname'

/** What every database holds by the planner's estimates: a copy of files has no snapshot that could be counted. */
export async function estimateContents({ outside }: BackupGround, signal: AbortSignal): Promise<Outcome<readonly DatabaseContents[]>> {
  const names = await ask(outside, { text: DATABASES, timeoutMs: 10_000, purpose: 'backup' }, signal)
  if (!names.ok) return refuse('server', describeFailure(names.failure))
  const contents: DatabaseContents[] = []
  for (const row of names.value) {
    const database = String(row['datname'])
    const answer = await inSession(outside, { database, purpose: 'backup' }, signal, async (session) => {
      const limits = { exactRowsAtMost: -1, timeoutMs: 60_000 }
      return { ok: true, value: await readContents(session, database, limits, signal), tookMs: 0 }
    })
    if (!answer.ok) return refuse('server', `${database}: ${describeFailure(answer.failure)}`)
    if (!answer.value.ok) return answer.value
    contents.push(answer.value.value)
  }
  return { ok: true, value: contents }
}
