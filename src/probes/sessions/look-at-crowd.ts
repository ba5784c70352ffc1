import type { Crowd, SlotLimit } from '../../core/sessions/session.ts'
import type { Answer, Row, Session } from '../../ports/postgres.ts'
import { TIME_FORMAT, toServerSession } from './session-row.ts'
import type { WayIn } from './way-in.ts'

const QUERY_TIMEOUT_MS = 2_000

/** The session that asks holds a slot for this moment only. */
const NOT_THIS_LOOK = "not (pid = pg_catalog.pg_backend_pid() and application_name = 'pgwatchd/sessions')"

const SESSIONS = `
  select a.pid, a.application_name, a.state, coalesce(a.usename, '') as usename, coalesce(a.datname, '') as datname,
         coalesce(pg_catalog.host(a.client_addr), 'local') as address, coalesce(r.rolsuper, false) as is_superuser,
         pg_catalog.to_char(a.backend_start at time zone 'UTC', '${TIME_FORMAT}') as backend_start,
         pg_catalog.to_char(a.state_change at time zone 'UTC', '${TIME_FORMAT}') as state_change,
         (extract(epoch from pg_catalog.clock_timestamp() - a.state_change) * 1000)::float8 as state_for_ms
    from pg_catalog.pg_stat_activity a left join pg_catalog.pg_roles r on r.oid = a.usesysid
   where a.backend_type = 'client backend' and ${NOT_THIS_LOOK}
   order by a.state_change nulls last limit 2000`

/** The application's own limits do not hold for a superuser; replication counts for a role's limit and has slots of its own. */
const LIMITS = `
  select pg_catalog.current_setting('max_connections')::int as slots,
         pg_catalog.current_setting('superuser_reserved_connections')::int
           + coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::int as reserved,
         (select pg_catalog.count(*) from pg_catalog.pg_stat_activity where backend_type = 'client backend' and ${NOT_THIS_LOOK})::int as used,
         coalesce(r.rolsuper, false) as is_superuser, r.rolconnlimit as role_limit, d.datconnlimit as database_limit,
         (select pg_catalog.count(*) from pg_catalog.pg_stat_activity a
           where a.usesysid = r.oid and a.backend_type in ('client backend', 'walsender'))::int as role_used,
         (select pg_catalog.count(*) from pg_catalog.pg_stat_activity a
           where a.datid = d.oid and a.backend_type in ('client backend', 'walsender'))::int as database_used
    from (select) one
    left join pg_catalog.pg_roles r on r.rolname = $1
    left join pg_catalog.pg_database d on d.datname = $2`

/** Who logs in for the application; `undefined` when nobody is configured. */
export type ApplicationLogin = { readonly user: string; readonly database: string } | undefined

/** Who holds the slots, as the server tells in a superuser session. */
export function lookAtCrowd(
  wayIn: WayIn,
  login: ApplicationLogin,
  signal: AbortSignal,
): Promise<Answer<Pick<Crowd, 'sessions' | 'limits'>>> {
  return wayIn.use(signal, (session) => look(session, login, signal))
}

async function look(session: Session, login: ApplicationLogin, signal: AbortSignal): Promise<Answer<Pick<Crowd, 'sessions' | 'limits'>>> {
  const sessions = await session.query({ text: SESSIONS, timeoutMs: QUERY_TIMEOUT_MS }, signal)
  if (!sessions.ok) return sessions
  const values = [login?.user ?? null, login?.database ?? null]
  const limits = await session.query({ text: LIMITS, values, timeoutMs: QUERY_TIMEOUT_MS }, signal)
  if (!limits.ok) return limits
  const value = { sessions: sessions.value.map(toServerSession), limits: toLimits(limits.value[0] ?? {}, login) }
  return { ok: true, value, tookMs: sessions.tookMs + limits.tookMs }
}

function toLimits(row: Row, login: ApplicationLogin): readonly SlotLimit[] {
  const reserved = row['is_superuser'] === true ? 0 : Number(row['reserved'])
  const server: SlotLimit = { scope: 'server', name: '', limit: Number(row['slots']) - reserved, used: Number(row['used']) }
  if (row['is_superuser'] === true || login === undefined) return [server]
  const role = { scope: 'role', name: login.user, limit: Number(row['role_limit'] ?? -1), used: Number(row['role_used']) } as const
  const database = {
    scope: 'database',
    name: login.database,
    limit: Number(row['database_limit'] ?? -1),
    used: Number(row['database_used']),
  } as const
  return [server, ...[role, database].filter(({ limit }) => limit >= 0)]
}
