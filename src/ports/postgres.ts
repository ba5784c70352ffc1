/**
 * `superuser` is the session of pgwatchd itself; `application` is the user whose service is watched; `standby` is a session on
 * the configured physical standby, another server.
 */
export type LoginRole = 'superuser' | 'application' | 'standby'

/** Why PostgreSQL did not answer. */
export interface PostgresFailure {
  readonly kind:
    /** The socket file is missing (ENOENT): nothing listens. */
    | 'no-socket'
    /** ECONNREFUSED: nothing listens. */
    | 'refused'
    /** Connected or connecting, and no answer by the deadline. */
    | 'timeout'
    /** The server answered with an error; `sqlState` is set. */
    | 'rejected'
    /** The connection ended in the middle. */
    | 'lost'
    /** Anything else: name resolution, TLS, protocol, permission on the socket. */
    | 'unreachable'
  readonly stage: 'connect' | 'query'
  readonly sqlState?: string
  readonly message: string
  readonly detail?: string
  readonly hint?: string
}

/** An answer with how long it took. `ok: false` is an expected failure and never thrown. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T; readonly tookMs: number }
  | { readonly ok: false; readonly failure: PostgresFailure; readonly tookMs: number }

export interface Statement {
  readonly text: string
  readonly values?: readonly unknown[]
  readonly timeoutMs: number
}

export type Row = Readonly<Record<string, unknown>>

export interface Session {
  readonly backendPid: number
  /** Runs one statement. At the deadline the session is destroyed and the answer is a `timeout`. */
  query(statement: Statement, signal?: AbortSignal): Promise<Answer<readonly Row[]>>
  /** NOTICE and WARNING messages ("01000: page verification failed…"), while the session lives. */
  onNotice(listener: (notice: { readonly severity: string; readonly sqlState: string; readonly message: string }) => void): void
  /** Called once when the connection ends for any reason but `close`. */
  onEnd(listener: () => void): void
  /** Ends politely within 1 s, then destroys the socket. Never rejects. */
  close(): Promise<void>
}

/** Where a server of pgwatchd's own is reached. */
export interface PrivatePlace {
  readonly socketDirectory: string
  readonly port: number
  readonly user: string
}

export interface OpenRequest {
  readonly role: LoginRole
  /** Default: the role's configured database. */
  readonly database?: string
  readonly timeoutMs: number
  /** Instead of the cluster's server: one of pgwatchd's own, reached by its socket alone and without a password. */
  readonly at?: PrivatePlace
  /** The longest statement that the session will be asked to run; default `timeoutMs`. A longer one costs one more question. */
  readonly longestStatementMs?: number
  /** `application_name` suffix: shown as `pgwatchd/<purpose>`. */
  readonly purpose: string
  /** Run-time settings in the start-up packet, such as `{ default_transaction_read_only: 'on' }`. */
  readonly settings?: Readonly<Record<string, string>>
}

/** One cluster's server. Every call honours its deadline also against a server that accepts and never answers. */
export interface Postgres {
  /** False when the configuration names no such user. */
  has(role: LoginRole): boolean
  /** A fresh session, logged in. */
  open(request: OpenRequest, signal?: AbortSignal): Promise<Answer<Session>>
}
