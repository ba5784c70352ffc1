import type { Answer, LoginRole, OpenRequest, Postgres, PostgresFailure, Row, Session, Statement } from '../../src/ports/postgres.ts'
import type { FakeClock } from './clock.ts'
import { NO_SOCKET, rejected } from './postgres.ts'
import { SYSTEM_IDENTIFIER } from './simulated-data-directory.ts'
import type { SimulatedDataDirectory } from './simulated-data-directory.ts'
import type { SimulatedServer } from './simulated-server.ts'

interface Ground {
  readonly clock: FakeClock
  readonly server: SimulatedServer
  readonly directory: SimulatedDataDirectory
}

type Outcome = readonly Row[] | PostgresFailure

const LOST: PostgresFailure = { kind: 'lost', stage: 'query', message: 'Connection terminated unexpectedly' }

/** Logins and statements as the simulated server answers them, with its latency. */
export function createSimulatedPostgres(ground: Ground): Postgres {
  const sessions = new Set<SimulatedSession>()
  ground.server.onEnd = () => {
    for (const session of [...sessions]) session.end()
    sessions.clear()
  }
  return {
    has: () => true,
    async open(request, signal) {
      const answered = await answer(ground, { ...request, stage: 'connect' }, signal, () => refusalOf(ground.server, request) ?? [])
      if (!answered.ok) return answered
      const session = new SimulatedSession(ground, request.role, (closed) => sessions.delete(closed))
      sessions.add(session)
      return { ...answered, value: session }
    },
  }
}

class SimulatedSession implements Session {
  readonly backendPid = 9000
  readonly #ground: Ground
  readonly #role: LoginRole
  readonly #onClose: (session: SimulatedSession) => void
  readonly #listeners: (() => void)[] = []
  #isOpen = true

  constructor(ground: Ground, role: LoginRole, onClose: (session: SimulatedSession) => void) {
    this.#ground = ground
    this.#role = role
    this.#onClose = onClose
  }

  async query(statement: Statement, signal?: AbortSignal): Promise<Answer<readonly Row[]>> {
    return answer(this.#ground, { role: this.#role, timeoutMs: statement.timeoutMs, stage: 'query' }, signal, () =>
      this.#isOpen ? rowsOf(this.#ground, statement) : LOST,
    )
  }

  onNotice(): void {}

  onEnd(listener: () => void): void {
    this.#listeners.push(listener)
  }

  end(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    for (const listener of this.#listeners) listener()
  }

  async close(): Promise<void> {
    this.#isOpen = false
    this.#onClose(this)
  }
}

/** Waits for the server's latency, at most for the deadline. A frozen postmaster answers no login. */
async function answer(
  { clock, server }: Ground,
  { role, timeoutMs, stage }: { readonly role: LoginRole; readonly timeoutMs: number; readonly stage: PostgresFailure['stage'] },
  signal: AbortSignal | undefined,
  decide: () => Outcome,
): Promise<Answer<readonly Row[]>> {
  const startedMs = clock.monotonicMs()
  const hangs = stage === 'connect' && server.isFrozen()
  const latencyMs = hangs ? timeoutMs : server.phase === 'running' ? server.conditions.latencyMs(role) : 0
  if (latencyMs > 0) await clock.sleep(Math.min(latencyMs, timeoutMs), signal)
  const tookMs = clock.monotonicMs() - startedMs
  if (latencyMs >= timeoutMs) return { ok: false, failure: { kind: 'timeout', stage, message: `no answer within ${timeoutMs} ms` }, tookMs }
  const outcome = decide()
  return 'kind' in outcome ? { ok: false, failure: outcome, tookMs } : { ok: true, value: outcome, tookMs }
}

function refusalOf({ phase, conditions }: SimulatedServer, { role }: OpenRequest): PostgresFailure | undefined {
  if (phase === 'down') return NO_SOCKET
  if (phase === 'starting') return rejected('57P03', 'the database system is starting up')
  if (phase === 'stopping') return rejected('57P03', 'the database system is shutting down')
  if (conditions.slotsFull === 'everybody') return rejected('53300', 'sorry, too many clients already')
  if (role === 'superuser') return undefined
  if (conditions.slotsFull === 'application')
    return rejected('53300', 'remaining connection slots are reserved for roles with the SUPERUSER attribute')
  return conditions.refusedLogin ? rejected('28P01', 'password authentication failed for user "app"') : undefined
}

const TIME = '2026-11-21T00:00:00.000001Z'

function listClients({ conditions }: SimulatedServer): readonly Row[] {
  return conditions.clients.map(({ pid, state, stateForMs }) => ({
    ...{ pid, state, state_for_ms: stateForMs, usename: 'app', datname: 'app', address: '10.0.0.5', application_name: 'shop' },
    ...{ is_superuser: false, backend_start: TIME, state_change: TIME },
  }))
}

function tellLimits({ conditions }: SimulatedServer): Row {
  const used = conditions.otherSlots + conditions.clients.length
  return { slots: 100, reserved: 3, used, is_superuser: false, role_limit: -1, database_limit: -1 }
}

function tellWork({ conditions }: SimulatedServer): Row {
  const { clients, baseBackups: copies } = conditions
  return { sessions: clients.length, working: 0, longest_s: 0, standbys: 0, copies, in_recovery: false }
}

/** Ends those that the statement names; each was a slot. */
function endClients({ conditions }: SimulatedServer, text: string): readonly Row[] {
  const named = [...text.matchAll(/\((\d+), timestamptz/g)].map(([, pid]) => Number(pid))
  const ended = conditions.clients.filter(({ pid }) => named.includes(pid))
  conditions.clients = conditions.clients.filter((client) => !ended.includes(client))
  if (ended.length > 0) conditions.slotsFull = 'no'
  return ended.map(({ pid }) => ({ pid, ended: true }))
}

/** Rows of the statements that pgwatchd asks, by what they contain. */
const ANSWERS: readonly (readonly [RegExp, Row])[] = [
  [/as system_identifier/, { system_identifier: SYSTEM_IDENTIFIER, in_recovery: false, checksum_failures: '0' }],
  [/as in_recovery/, { in_recovery: false, checksum_failures: 0 }],
  [/from pg_catalog\.pg_database/, { datname: 'app' }],
  [/count\(\*\)/, { count: '400' }],
  [/^select 1/, { '?column?': 1 }],
]

function rowsOf({ server, directory }: Ground, { text }: Statement): Outcome {
  if (/^update pgwatchd\.ring/.test(text)) return writeOutcome(server, directory)
  if (/pg_terminate_backend/.test(text)) return endClients(server, text)
  if (/as backend_start/.test(text)) return listClients(server)
  if (/as slots/.test(text)) return [tellLimits(server)]
  if (/pg_stat_progress_basebackup/.test(text)) return [tellWork(server)]
  const row = ANSWERS.find(([pattern]) => pattern.test(text))?.[1]
  return row === undefined ? [] : [row]
}

function writeOutcome({ conditions }: SimulatedServer, directory: SimulatedDataDirectory): Outcome {
  if (conditions.readOnly) return rejected('25006', 'cannot execute UPDATE in a read-only transaction', 'query')
  if (!directory.hasRoomFor(8192)) return rejected('53100', 'could not extend file "base/16384/16385": No space left on device', 'query')
  return [{ slot: 0 }]
}
