import type { Answer, LoginRole, OpenRequest, Postgres, PostgresFailure, Row, Session, Statement } from '../../src/ports/postgres.ts'
import type { Clock } from '../../src/ports/clock.ts'

/** `hang`: the server accepts and never answers; the deadline or the abort ends the wait. */
export type ScriptedOpen = 'ok' | 'hang' | PostgresFailure | ((request: OpenRequest) => 'ok' | 'hang' | PostgresFailure)

/** Rows, a failure, `hang`, or a function that computes one of them. */
export type ScriptedQuery =
  readonly Row[] | 'hang' | PostgresFailure | ((statement: Statement) => readonly Row[] | 'hang' | PostgresFailure)

export interface FakeSession extends Session {
  readonly request: OpenRequest
  readonly state: () => 'open' | 'closed' | 'ended'
  /** The connection ends by itself, as when the server dies. */
  end(): void
  /** The server says something of its own accord. */
  notice(notice: { severity: string; sqlState: string; message: string }): void
}

export interface FakePostgres extends Postgres {
  /** Who is configured; both unless changed. */
  readonly roles: Set<LoginRole>
  /** Every request and statement so far, in order. */
  readonly opens: OpenRequest[]
  readonly statements: { readonly role: LoginRole; readonly text: string; readonly values: readonly unknown[] }[]
  /** Sessions that are neither closed nor ended. */
  openSessions(): FakeSession[]
  /** Answers logins of a role; several are given one after the other, the last one again and again. Default `ok`. */
  onOpen(role: LoginRole, ...outcomes: ScriptedOpen[]): void
  /** Answers statements that contain a text or match; the latest matching script wins, else no rows. Several: one after the other. */
  onQuery(pattern: string | RegExp, ...outcomes: ScriptedQuery[]): void
  /** Ends every open session, as the death of the server does. */
  endSessions(): void
}

/** A failure as the adapter tells it. */
export function rejected(sqlState: string, message: string, stage: PostgresFailure['stage'] = 'connect'): PostgresFailure {
  return { kind: 'rejected', stage, sqlState, message }
}

export const NO_SOCKET: PostgresFailure = { kind: 'no-socket', stage: 'connect', message: 'connect ENOENT /run/postgresql/.s.PGSQL.5432' }

function takeNext<T>(outcomes: T[]): T | undefined {
  return outcomes.length > 1 ? outcomes.shift() : outcomes[0]
}

/** Waits like a client whose server never answers: until the abort or, with a clock, the deadline. */
async function hang(
  clock: Clock | undefined,
  stage: PostgresFailure['stage'],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<PostgresFailure> {
  await new Promise<void>((resolve) => {
    if (signal?.aborted === true) return resolve()
    const cancel = clock?.after(timeoutMs, () => resolve())
    signal?.addEventListener('abort', () => (cancel?.(), resolve()), { once: true })
  })
  return { kind: 'timeout', stage, message: `no answer within ${timeoutMs} ms` }
}

/** A server that serves everybody and answers every statement with no rows, until it is told otherwise. */
export function createFakePostgres(clock?: Clock): FakePostgres {
  const roles = new Set<LoginRole>(['superuser', 'application'])
  const opens: OpenRequest[] = []
  const statements: { role: LoginRole; text: string; values: readonly unknown[] }[] = []
  const sessions: FakeSession[] = []
  const openScripts = new Map<LoginRole, ScriptedOpen[]>()
  const queryScripts: { pattern: string | RegExp; outcomes: ScriptedQuery[] }[] = []
  const matches = (pattern: string | RegExp, text: string): boolean =>
    typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text)
  const fail = (failure: PostgresFailure): Answer<never> => ({ ok: false, failure, tookMs: 1 })

  async function answerQuery(statement: Statement, signal?: AbortSignal): Promise<readonly Row[] | PostgresFailure> {
    const script = queryScripts.find(({ pattern }) => matches(pattern, statement.text))
    const next = script === undefined ? [] : (takeNext(script.outcomes) ?? [])
    const outcome = typeof next === 'function' ? next(statement) : next
    return outcome === 'hang' ? hang(clock, 'query', statement.timeoutMs, signal) : outcome
  }

  function createSession(request: OpenRequest): FakeSession {
    let state: 'open' | 'closed' | 'ended' = 'open'
    const endListeners: (() => void)[] = []
    const noticeListeners: ((notice: { severity: string; sqlState: string; message: string }) => void)[] = []
    const session: FakeSession = {
      request,
      backendPid: 1000 + sessions.length,
      state: () => state,
      async query(statement, signal) {
        statements.push({ role: request.role, text: statement.text, values: statement.values ?? [] })
        if (state !== 'open') return fail({ kind: 'lost', stage: 'query', message: 'Connection terminated' })
        const outcome = await answerQuery(statement, signal)
        if ('kind' in outcome && outcome.kind !== 'rejected') session.end()
        return 'kind' in outcome ? fail(outcome) : { ok: true, value: outcome, tookMs: 1 }
      },
      onNotice: (listener) => void noticeListeners.push(listener),
      onEnd: (listener) => void endListeners.push(listener),
      async close() {
        if (state === 'open') state = 'closed'
      },
      end() {
        if (state !== 'open') return
        state = 'ended'
        for (const listener of endListeners) listener()
      },
      notice: (notice) => noticeListeners.forEach((listener) => listener(notice)),
    }
    return session
  }

  return {
    roles,
    opens,
    statements,
    has: (role) => roles.has(role),
    async open(request, signal) {
      opens.push(request)
      const next = takeNext(openScripts.get(request.role) ?? []) ?? 'ok'
      const outcome = typeof next === 'function' ? next(request) : next
      if (outcome === 'hang') return fail(await hang(clock, 'connect', request.timeoutMs, signal))
      if (outcome !== 'ok') return fail(outcome)
      const session = createSession(request)
      sessions.push(session)
      return { ok: true, value: session, tookMs: 1 }
    },
    openSessions: () => sessions.filter((session) => session.state() === 'open'),
    onOpen: (role, ...outcomes) => void openScripts.set(role, outcomes),
    onQuery: (pattern, ...outcomes) => void queryScripts.unshift({ pattern, outcomes }),
    endSessions: () => sessions.forEach((session) => session.end()),
  }
}

/** Scripts the answers that the six probes expect of a healthy server. */
export function answerProbes(postgres: FakePostgres): void {
  postgres.onQuery('pg_is_in_recovery()', [{ in_recovery: false, checksum_failures: 0 }])
  postgres.onQuery(/^select 1$/, [{ '?column?': 1 }])
  postgres.onQuery('update pgwatchd.ring', [{ slot: 0 }])
}
