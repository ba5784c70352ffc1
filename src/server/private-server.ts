import type { Outside } from '../ports/outside.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { Answer, PrivatePlace, Row } from '../ports/postgres.ts'
import { asOwner } from './as-owner.ts'
import { ask } from './ask.ts'

/** A data directory that is nobody's: no service manager, no application and no person knows of it. */
export interface PrivateServerOptions {
  readonly dataDirectory: string
  readonly binaryDirectory: string
  /** Owned by the server's user, 0700: whoever may not enter it reaches no socket in it. */
  readonly socketDirectory: string
  /** Superuser of the cluster. */
  readonly user: string
  /** Beside those that make it private. */
  readonly settings: Readonly<Record<string, string>>
  readonly startTimeoutMs: number
  readonly stopTimeoutMs: number
}

export interface PrivateServer {
  readonly at: PrivatePlace
  ask(database: string, text: string, timeoutMs: number, signal: AbortSignal): Promise<Answer<readonly Row[]>>
}

/** Only part of the socket's name: nothing listens on a network. */
const PORT = 5432
const LOOK_EVERY_MS = 50
const LOGIN_TIMEOUT_MS = 5_000
/** Between pg_ctl's return and the postmaster's own name and directory. */
const UNSEEN_MS = 2_000

/** Nothing of it is reachable from outside, nothing is archived or followed, and no job of the database runs. */
const PRIVATE: Readonly<Record<string, string>> = {
  listen_addresses: '',
  port: String(PORT),
  unix_socket_permissions: '0700',
  archive_mode: 'off',
  primary_conninfo: '',
  autovacuum: 'off',
  max_logical_replication_workers: '0',
  ssl: 'off',
  logging_collector: 'off',
  log_destination: 'stderr',
}

type Ground = Pick<Outside, 'files' | 'commands' | 'processes' | 'clock' | 'postgres'>

/**
 * Starts a server on a data directory of pgwatchd's own, lets `work` use it, and stops it however that ends. Rejects with
 * `OutsideError` when it does not start: the reason holds the server's last words.
 */
export async function withPrivateServer<T>(
  outside: Ground,
  options: PrivateServerOptions,
  signal: AbortSignal,
  work: (server: PrivateServer) => Promise<T>,
): Promise<T> {
  const at: PrivatePlace = { socketDirectory: options.socketDirectory, port: PORT, user: options.user }
  try {
    await startServer(outside, options, at, signal)
    return await work({
      at,
      ask: (database, text, timeoutMs, inner) => ask(outside, { database, text, timeoutMs, purpose: 'private', at }, inner),
    })
  } finally {
    await endServer(outside, options)
  }
}

async function startServer(outside: Ground, options: PrivateServerOptions, at: PrivatePlace, signal: AbortSignal): Promise<void> {
  const { dataDirectory, binaryDirectory, startTimeoutMs } = options
  const start = ['start', '--no-wait', '--silent', '--pgdata', dataDirectory, '--log', logOf(options), '--options', serverOptions(options)]
  const program = await asOwner(outside, dataDirectory, { file: `${binaryDirectory}/pg_ctl`, arguments: start })
  const asked = await outside.commands.run({ ...program, timeoutMs: startTimeoutMs }, signal)
  if (asked.exitCode !== 0) throw await notStarted(outside, options, asked.stderr.trim() || asked.outcome)
  const timed = await outside.clock.withDeadline(startTimeoutMs, signal, (inner) => awaitLogin(outside, options, at, inner))
  if (timed.timedOut) throw await notStarted(outside, options, `it did not serve within ${Math.round(startTimeoutMs / 1000)} s`)
}

/** Waits for as long as its processes live; one that has not been seen for this long has ended already. */
async function awaitLogin(outside: Ground, options: PrivateServerOptions, at: PrivatePlace, signal: AbortSignal): Promise<void> {
  const { clock, postgres, processes } = outside
  let aliveMs = clock.monotonicMs()
  while (!signal.aborted) {
    const opened = await postgres.open(
      { role: 'superuser', database: 'postgres', at, timeoutMs: LOGIN_TIMEOUT_MS, purpose: 'private' },
      signal,
    )
    if (opened.ok) return opened.value.close()
    if (processes.postgresIn(options.dataDirectory).length > 0) aliveMs = clock.monotonicMs()
    else if (clock.monotonicMs() - aliveMs > UNSEEN_MS) throw await notStarted(outside, options, 'it ended')
    await clock.sleep(LOOK_EVERY_MS, signal)
  }
}

/** Fast, then by force: nothing in it is worth waiting for. */
async function endServer(outside: Ground, options: PrivateServerOptions): Promise<void> {
  const { processes, clock } = outside
  const isGone = (): boolean => processes.postgresIn(options.dataDirectory).length === 0
  for (const wanted of ['SIGINT', 'SIGKILL'] as const) {
    const server = processes.postgresIn(options.dataDirectory)
    const pids = new Set(server.map((process) => process.pid))
    const targets = wanted === 'SIGKILL' ? server : server.filter((process) => !pids.has(process.parentPid))
    for (const target of targets) processes.signal(target, wanted)
    const deadlineMs = clock.monotonicMs() + options.stopTimeoutMs
    while (!isGone() && clock.monotonicMs() < deadlineMs) await clock.sleep(LOOK_EVERY_MS)
    if (isGone()) return
  }
}

function logOf({ dataDirectory }: PrivateServerOptions): string {
  return `${dataDirectory}/private-server.log`
}

/** pg_ctl hands them to a shell: each is quoted for it. */
function serverOptions({ socketDirectory, settings }: PrivateServerOptions): string {
  return Object.entries({ ...PRIVATE, ...settings, unix_socket_directories: socketDirectory })
    .map(([name, value]) => `-c '${`${name}=${value}`.replaceAll("'", `'\\''`)}'`)
    .join(' ')
}

async function notStarted({ files }: Ground, options: PrivateServerOptions, what: string): Promise<OutsideError> {
  const tail = ((await files.readTail(logOf(options), 8192)) ?? '').trim().split('\n').slice(-5).join('; ')
  return new OutsideError({
    operation: 'start',
    object: `a private server on ${options.dataDirectory}`,
    code: 'not-started',
    reason: tail === '' ? what : `${what}: ${tail}`,
  })
}
