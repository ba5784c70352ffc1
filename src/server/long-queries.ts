import type { LongQuery } from '../core/health.ts'
import type { Outside } from '../ports/outside.ts'
import { ask } from './ask.ts'

const TIMEOUT_MS = 5_000
const AT_MOST = 100
const TEXT_AT_MOST = 500

/** Statements of clients that run for longer than `longerThanMs`, the longest first; `undefined` when the server cannot be asked. */
export async function findLongQueries(
  outside: Pick<Outside, 'postgres'>,
  longerThanMs: number,
  signal: AbortSignal,
): Promise<readonly LongQuery[] | undefined> {
  const text = `
    select pid, coalesce(usename::text, '') as user, coalesce(datname::text, '') as database, left(query, ${TEXT_AT_MOST}) as text,
           (extract(epoch from pg_catalog.clock_timestamp() - query_start) * 1000)::bigint::text as ms
      from pg_catalog.pg_stat_activity
     where state = 'active' and backend_type = 'client backend' and pid <> pg_catalog.pg_backend_pid()
       and query_start < pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => ${longerThanMs / 1000})
     order by query_start limit ${AT_MOST}`
  const answer = await ask(outside, { text, timeoutMs: TIMEOUT_MS, purpose: 'health' }, signal)
  if (!answer.ok) return undefined
  return answer.value.map((row) => ({
    pid: Number(row['pid']),
    user: String(row['user']),
    database: String(row['database']),
    runningMs: Number(row['ms']),
    text: String(row['text']),
  }))
}
