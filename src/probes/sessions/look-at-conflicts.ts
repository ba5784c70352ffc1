import { maskSecrets } from '../../core/mask-secrets.ts'
import type { LockConflicts, LockParty, PreparedTransaction } from '../../core/sessions/lock-conflicts.ts'
import type { Answer, Row, Session } from '../../ports/postgres.ts'
import { textOf, TIME_FORMAT, toServerSession } from './session-row.ts'
import type { WayIn } from './way-in.ts'

const QUERY_TIMEOUT_MS = 2_000
const LOCK_NOT_AVAILABLE = '55P03'
const LONGEST_STATEMENT = 200
/** First version that tells since when a lock is waited for. */
const WAIT_START_VERSION = 14

type Conflicts = Pick<LockConflicts, 'parties' | 'prepared'>

/**
 * Waiters from pg_locks, which also has those that wait while they log in; then whom they wait for. Without `names` no catalog is
 * read: one of those may be what is locked. A user whose rights are not looked up counts as a superuser.
 */
function conflictsQuery(majorVersion: number, names: boolean): string {
  const waitStart = majorVersion === 0 || majorVersion >= WAIT_START_VERSION ? 'waitstart' : 'null::timestamptz'
  const time = (column: string): string => `pg_catalog.to_char(${column} at time zone 'UTC', '${TIME_FORMAT}')`
  const named = `coalesce((select rolname from pg_catalog.pg_roles where oid = a.usesysid)::text, '') as usename,
         coalesce((select datname from pg_catalog.pg_database where oid = a.datid)::text, '') as datname,
         coalesce((select rolsuper from pg_catalog.pg_roles where oid = a.usesysid), true) as is_superuser,`
  const numbered = `'user ' || a.usesysid::text as usename, 'database ' || a.datid::text as datname, true as is_superuser,`
  return `
  with waiting as materialized (
         select pid, mode, locktype, (extract(epoch from pg_catalog.clock_timestamp() - ${waitStart}) * 1000)::float8 as waited_ms,
                pg_catalog.pg_blocking_pids(pid) as blockers
           from pg_catalog.pg_locks where not granted order by ${waitStart} nulls last limit 200),
       involved as (select pid from waiting union select pg_catalog.unnest(blockers) from waiting)
  select i.pid, coalesce(w.blockers, '{}'::int[]) as blockers, w.waited_ms, w.mode || ' on ' || w.locktype as lock,
         ${names ? named : numbered}
         coalesce(a.backend_type, '') as backend_type, a.application_name, a.state, pg_catalog.left(a.query, 1000) as query,
         coalesce(pg_catalog.host(a.client_addr), 'local') as address, ${time('a.backend_start')} as backend_start,
         ${time('a.state_change')} as state_change, ${time('a.xact_start')} as transaction_start,
         (extract(epoch from pg_catalog.clock_timestamp() - a.state_change) * 1000)::float8 as state_for_ms
    from involved i left join waiting w using (pid) left join pg_catalog.pg_stat_get_activity(null) a using (pid)
   where i.pid <> 0`
}

/** A prepared transaction has no pid; its locks share the virtual transaction of the one on its own transaction id. */
const PREPARED = `
  select x.gid, x.owner, x.database, (extract(epoch from pg_catalog.clock_timestamp() - x.prepared) * 1000)::float8 as prepared_for_ms,
         pg_catalog.array_agg(distinct w.pid) as blocks
    from pg_catalog.pg_locks w
    join pg_catalog.pg_locks h on h.granted and h.pid is null
     and (h.locktype, h.database, h.relation, h.page, h.tuple, h.virtualxid, h.transactionid, h.classid, h.objid, h.objsubid)
         is not distinct from
         (w.locktype, w.database, w.relation, w.page, w.tuple, w.virtualxid, w.transactionid, w.classid, w.objid, w.objsubid)
    join pg_catalog.pg_locks t on t.pid is null and t.locktype = 'transactionid' and t.virtualtransaction = h.virtualtransaction
    join pg_catalog.pg_prepared_xacts x on x.transaction = t.transactionid
   where not w.granted
   group by 1, 2, 3, 4`

/** Who waits for a lock and for whom, as the server tells in a superuser session. */
export function lookAtConflicts(wayIn: WayIn, majorVersion: number, signal: AbortSignal): Promise<Answer<Conflicts>> {
  return wayIn.use(signal, async (session) => {
    const parties = await askForParties(session, majorVersion, signal)
    if (!parties.ok) return parties
    const involved = parties.value.map(toParty)
    if (!involved.some(({ waitsFor }) => waitsFor.includes(0))) return { ...parties, value: { parties: involved, prepared: [] } }
    const prepared = await session.query({ text: PREPARED, timeoutMs: QUERY_TIMEOUT_MS }, signal)
    return prepared.ok ? { ...prepared, value: { parties: involved, prepared: prepared.value.map(toPrepared) } } : prepared
  })
}

async function askForParties(session: Session, majorVersion: number, signal: AbortSignal): Promise<Answer<readonly Row[]>> {
  const named = await session.query({ text: conflictsQuery(majorVersion, true), timeoutMs: QUERY_TIMEOUT_MS }, signal)
  if (named.ok || named.failure.sqlState !== LOCK_NOT_AVAILABLE) return named
  return session.query({ text: conflictsQuery(majorVersion, false), timeoutMs: QUERY_TIMEOUT_MS }, signal)
}

function toParty(row: Row): LockParty {
  const waited = row['waited_ms']
  return {
    ...toServerSession(row),
    backendType: textOf(row['backend_type']),
    transactionStart: textOf(row['transaction_start']),
    statement: toStatement(textOf(row['query'])),
    waitsFor: [...new Set((row['blockers'] as readonly number[] | null) ?? [])],
    waitedMs: typeof waited === 'number' ? Math.max(0, waited) : undefined,
    lock: textOf(row['lock']),
  }
}

/** Masked before it is cut: half a password is no longer told from other text. */
function toStatement(query: string): string {
  const line = maskSecrets(query.replace(/\s+/g, ' ').trim())
  return line.length <= LONGEST_STATEMENT ? line : `${line.slice(0, LONGEST_STATEMENT)}…`
}

function toPrepared(row: Row): PreparedTransaction {
  return {
    gid: String(row['gid']),
    owner: String(row['owner']),
    database: String(row['database']),
    preparedForMs: Math.max(0, Number(row['prepared_for_ms'] ?? 0)),
    blocks: (row['blocks'] as readonly number[] | null) ?? [],
  }
}
