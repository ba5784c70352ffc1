/** One client's session, as `pg_stat_activity` showed it. */
export interface ServerSession {
  readonly pid: number
  /** `backend_start` to the microsecond, "2026-11-25T19:24:57.197833Z": with the pid it names one session for ever. Empty when unknown. */
  readonly backendStart: string
  /** `state_change` alike: while it stays the same, the session has done nothing since. */
  readonly stateChange: string
  readonly user: string
  readonly database: string
  /** An IP address, or "local" for the Unix socket. */
  readonly address: string
  readonly application: string
  /** In PostgreSQL's words; empty when it does not tell. */
  readonly state: string
  /** How long it has been in that state. */
  readonly stateForMs: number
  readonly isSuperuser: boolean
}

/** How many more logins a limit allows. */
export interface SlotLimit {
  /** `server`: the slots that the application's user may have; the other two are set by ALTER ROLE and ALTER DATABASE. */
  readonly scope: 'server' | 'role' | 'database'
  /** The role's or the database's; empty for the server. */
  readonly name: string
  readonly limit: number
  readonly used: number
}

/** Who holds the connection slots. */
export interface Crowd {
  /** At most 2,000; pgwatchd's own among them. */
  readonly sessions: readonly ServerSession[]
  /** Each limit that the application's login meets; without an application the server's alone. */
  readonly limits: readonly SlotLimit[]
  readonly policy: SessionPolicy
  /** Why the server itself could not be asked, so that only the titles of its processes tell; empty when it was. */
  readonly doubt: string
}

/** The same shape as `config.recovery.sessions`. */
export interface SessionPolicy {
  /** `off`: sessions are not looked at; `observe`: a person is told which to end; `act`: they are ended. */
  readonly policy: 'off' | 'observe' | 'act'
  /** Free slots that ending sessions is to give back. */
  readonly headroom: number
  /** Idle in transaction for longer: ended first. */
  readonly idleInTransactionMs: number
  /** Idle for longer: ended next, the longest first. */
  readonly idleMs: number
  /** Active for longer: ended last; 0: never. */
  readonly activeMs: number
  /** Whether sessions of superusers may be ended like those of others. */
  readonly superusers: boolean
  /** Users whose sessions are never ended. */
  readonly spareUsers: readonly string[]
}
