import type { ClientConfig } from 'pg'
import type { Cluster } from '../../core/cluster.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Answer, LoginRole, OpenRequest, Postgres, PrivatePlace, Session } from '../../ports/postgres.ts'
import { describeError, describeTimeout } from './failure.ts'
import { createLink } from './link.ts'
import { makeScramCheap } from './scram.ts'
import { BACKSTOP_MS, createSession } from './session.ts'
import { within } from './within.ts'

/** Who logs in, and where. */
export interface Login {
  readonly user: string
  readonly database: string
  /** Host, or directory of the Unix socket; empty: the cluster's. */
  readonly host: string
  /** Default: the cluster's. */
  readonly port?: number
  /** Asked only when the server wants a password; `undefined`: there is none. */
  readonly password: () => Promise<string | undefined>
}

export interface PostgresOptions {
  readonly cluster: Cluster
  readonly superuser: Login
  /** `undefined`: no application user is watched. */
  readonly application: Login | undefined
  /** A physical standby; absent where none is configured. */
  readonly standby?: Login
  readonly clock: Clock
}

/** First version with `client_connection_check_interval`: the server notices during a statement that the client is gone. */
const CONNECTION_CHECK_VERSION = 14

/** What a server says for "no line of pg_hba.conf lets you in", which a line for TLS may do. */
const NOT_AUTHORIZED = '28000'

function isSocketDirectory(host: string): boolean {
  return host === '' || host.startsWith('/')
}

/** The value of the `options` start-up parameter: blanks and backslashes are escaped by a backslash. */
function toOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`)
    .join(' ')
}

/** When the server itself gives a statement of the session up. */
function statementTimeoutMs({ timeoutMs, longestStatementMs = timeoutMs }: OpenRequest): number {
  return Math.ceil(longestStatementMs) + BACKSTOP_MS
}

function startSettings(cluster: Cluster, request: OpenRequest): Record<string, string> {
  const check = cluster.majorVersion >= CONNECTION_CHECK_VERSION ? { client_connection_check_interval: '1000' } : {}
  return { statement_timeout: String(statementTimeoutMs(request)), ...check, ...request.settings }
}

function toClientConfig(cluster: Cluster, login: Login, request: OpenRequest, encrypted: boolean): ClientConfig {
  return {
    host: login.host || cluster.socketDirectory,
    port: request.at?.port ?? login.port ?? cluster.port,
    user: login.user,
    database: request.database ?? login.database,
    // The declared type knows no absent password, which `pg` takes for "none".
    password: login.password as () => Promise<string>,
    ssl: encrypted ? { rejectUnauthorized: false } : false,
    application_name: `pgwatchd/${request.purpose}`,
    options: toOptions(startSettings(cluster, request)),
  }
}

/** Nobody but the owner of its socket's directory reaches such a server, so it asks for no password. */
function privateLogin({ socketDirectory, user }: PrivatePlace): Login {
  return { user, database: 'postgres', host: socketDirectory, password: async () => undefined }
}

/**
 * PostgreSQL by the `pg` package. `pg` alone waits for a server that accepts and never answers (its connection timeout
 * ends with the login, `end` waits for the server), so every wait here ends with the destruction of the socket.
 */
export function createPostgres({ cluster, superuser, application, standby, clock }: PostgresOptions): Postgres {
  makeScramCheap()
  const logins: Readonly<Record<LoginRole, Login | undefined>> = { superuser, application, standby }

  /** Hosts where a login succeeded only with TLS. */
  const encryptedHosts = new Set<string>()

  async function connect(login: Login, request: OpenRequest, encrypted: boolean, signal?: AbortSignal): Promise<Answer<Session>> {
    const startedMs = clock.monotonicMs()
    const link = createLink(toClientConfig(cluster, login, request, encrypted))
    const outcome = await within({ clock, timeoutMs: request.timeoutMs, signal }, link.destroy, () => link.client.connect())
    const tookMs = clock.monotonicMs() - startedMs
    if (outcome.ended === 'done') {
      const isOurs = request.settings?.['statement_timeout'] === undefined
      return {
        ok: true,
        value: createSession({ link, clock, statementTimeoutMs: isOurs ? statementTimeoutMs(request) : undefined }),
        tookMs,
      }
    }
    link.destroy()
    const failure =
      outcome.ended === 'error'
        ? describeError(outcome.error, 'connect', link.lastWords())
        : describeTimeout('connect', request.timeoutMs, outcome.ended === 'aborted')
    return { ok: false, failure, tookMs }
  }

  /** Like libpq's `sslmode=prefer`, but the cheap way first: TLS where `pg_hba.conf` insists on it (`hostssl`). */
  async function connectPlainOrEncrypted(login: Login, request: OpenRequest, signal?: AbortSignal): Promise<Answer<Session>> {
    const encrypted = encryptedHosts.has(login.host)
    const first = await connect(login, request, encrypted, signal)
    // Whatever failed with TLS may be about TLS: the next login starts without it again.
    if (!first.ok) encryptedHosts.delete(login.host)
    const refused = !first.ok && first.failure.sqlState === NOT_AUTHORIZED
    if (!refused || encrypted || isSocketDirectory(login.host)) return first
    const timeoutMs = request.timeoutMs - first.tookMs
    const second = await connect(login, { ...request, timeoutMs }, true, signal)
    if (!second.ok) return first
    encryptedHosts.add(login.host)
    return { ...second, tookMs: first.tookMs + second.tookMs }
  }

  return {
    has: (role) => logins[role] !== undefined,
    async open(request, signal) {
      const login = request.at === undefined ? logins[request.role] : privateLogin(request.at)
      if (login !== undefined) return connectPlainOrEncrypted(login, request, signal)
      const message = `no ${request.role} user is configured`
      return { ok: false, failure: { kind: 'unreachable', stage: 'connect', message }, tookMs: 0 }
    },
  }
}
