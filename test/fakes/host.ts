import type { ControlAnswer, ControlRequest } from '../../src/daemon/control-protocol.ts'
import type { State } from '../../src/core/state.ts'
import { statePaths } from '../../src/daemon/compose.ts'
import { createSlotFile } from '../../src/daemon/slot-file.ts'
import { createStateFile } from '../../src/daemon/state-file.ts'
import type { LogEntry } from '../../src/ports/log.ts'
import type { Mail } from '../../src/ports/mailer.ts'
import type { Outside } from '../../src/ports/outside.ts'
import { createJournalStore } from '../../src/recovery/journal-store.ts'
import type { Journal } from '../../src/recovery/pipeline.ts'
import { createFakeClock } from './clock.ts'
import type { FakeClock } from './clock.ts'
import { createFakeCommands } from './commands.ts'
import { createFakeFiles } from './files.ts'
import type { FakeFiles } from './files.ts'
import { createFakeMailer, DOWN } from './mailer.ts'
import { createFakeProcesses } from './processes.ts'
import type { FakeProcesses } from './processes.ts'
import { createFakeRandom } from './random.ts'
import { createFakeServiceManager } from './service-manager.ts'
import type { FakeServiceManager } from './service-manager.ts'
import { CONFIG_FILE, startSimulatedDaemon } from './simulated-daemon.ts'
import type { SimulatedDaemon } from './simulated-daemon.ts'
import { createSimulatedDataDirectory, DATA, SERVER_LOG, SOCKET_DIRECTORY } from './simulated-data-directory.ts'
import type { SimulatedDataDirectory } from './simulated-data-directory.ts'
import { createGate, createLife } from './simulated-gate.ts'
import type { Gate, Life } from './simulated-gate.ts'
import { createSimulatedPostgres } from './simulated-postgres.ts'
import { createSimulatedServer } from './simulated-server.ts'
import type { SimulatedServer } from './simulated-server.ts'

const CLUSTER = '15-main'
const STATE_DIRECTORY = '/var/lib/pgwatchd'
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A line of pgwatchd's journal with its time. */
export type JournalLine = LogEntry & { readonly atMs: number }

/** A machine in memory with one cluster and one pgwatchd; nothing moves but by `advance` and `rest`. */
export interface SimulatedHost {
  readonly clock: FakeClock
  readonly files: FakeFiles
  readonly processes: FakeProcesses
  readonly service: FakeServiceManager
  readonly directory: SimulatedDataDirectory
  readonly server: SimulatedServer
  readonly gate: Gate
  readonly mailer: ReturnType<typeof createFakeMailer>
  /** Everything that any pgwatchd wrote to the journal. */
  readonly journal: JournalLine[]
  daemon: SimulatedDaemon
  /** Starts a pgwatchd beside nobody: the one before must have ended. */
  startDaemon(): Promise<void>
  /** kill -9: nothing of the daemon goes on; what it wrote stays. */
  killDaemon(): void
  /** Lets simulated time pass: `90s`, `3m`, `1d`. */
  advance(duration: string): Promise<void>
  /** Lets time pass until nothing more happens by itself; throws when that takes longer than `atMost`. */
  rest(atMost?: string): Promise<void>
  /** Lets time pass until `reached`; throws when that takes longer than `atMost`. Returns the milliseconds it took. */
  until(reached: () => boolean, atMost?: string): Promise<number>
  /** An operator's `systemctl stop`. */
  stopByOperator(): Promise<void>
  /** An operator's `systemctl start`. */
  startByOperator(): Promise<void>
  /** Asks the daemon over its control socket, and lets time pass until everything is answered. */
  ask(request: ControlRequest): Promise<readonly ControlAnswer[]>
  setMail(way: 'works' | 'dead'): void
  configure(yaml: string): void
  mode(): string
  /** The events of the journal so far. */
  events(): readonly string[]
  /** Requests to the service manager that start, stop or kill. */
  acts(): readonly string[]
  /** Steps of recoveries that came to this status, in order. */
  steps(status: 'began' | 'done' | 'failed' | 'undone'): readonly string[]
  mails(): readonly Mail[]
  savedState(): Promise<State | undefined>
  savedJournal(): Promise<Journal | undefined>
}

export interface HostOptions {
  /** Appended to the configuration. */
  readonly yaml?: string
  readonly seed?: number
}

/** A host whose server serves and whose pgwatchd has looked once. */
export async function createHost(options: HostOptions = {}): Promise<SimulatedHost> {
  const host = assemble(options.seed ?? 1)
  host.files.mount('/var/lib/postgresql', { totalBytes: 1e9, availableBytes: 5e8 })
  host.server.boot()
  host.configure(options.yaml ?? '')
  await host.startDaemon()
  await host.rest()
  return host
}

function configurationOf(yaml: string): string {
  return `clusters:
  - name: ${CLUSTER}
    data_directory: ${DATA}
    binary_directory: /usr/lib/postgresql/15/bin
    socket_directory: ${SOCKET_DIRECTORY}
    port: 5432
    log_file: ${SERVER_LOG}
    unit: postgresql@15-main.service
    application: { user: app }
${yaml.includes('alerts:') ? '' : 'alerts: { mail: { to: [dba@example.org] } }\n'}${yaml}`
}

function assemble(seed: number): SimulatedHost {
  const clock = createFakeClock()
  const files = createFakeFiles(() => clock.wallMs())
  const [processes, service, commands, mailer, gate] = [createFakeProcesses(), createFakeServiceManager(), createFakeCommands(), createFakeMailer(), createGate()]
  const random = createFakeRandom(seed)
  const directory = createSimulatedDataDirectory(files, () => clock.wallMs())
  const server = createSimulatedServer({ clock, processes, service, directory })
  const postgres = createSimulatedPostgres({ clock, server, directory })
  commands.on('postgres', () => (server.conditions.configurationError === '' ? { stdout: '128MB\n' } : { exitCode: 1, stderr: server.conditions.configurationError }))
  const journal: JournalLine[] = []
  const log = { write: (entry: LogEntry) => void journal.push({ ...entry, atMs: clock.monotonicMs() }), flush: async () => {} }
  let daemon: SimulatedDaemon | undefined
  const current = (): SimulatedDaemon => daemon ?? fail('pgwatchd was not started')

  async function startDaemon(): Promise<void> {
    const life = createLife(gate, clock)
    const guard = life.guard
    const outside: Outside = {
      clock: life.clock,
      random,
      files: guard('files', files),
      processes: guard('processes', processes),
      commands: guard('commands', commands),
      log: guard('log', log),
      postgres: guard('postgres', postgres),
      service: guard('service', service),
    }
    daemon = await untilOver(clock, life, startSimulatedDaemon({ outside, mailer: guard('mailer', mailer), life }))
  }

  async function until(reached: () => boolean, atMost = '1h'): Promise<number> {
    const beganMs = clock.monotonicMs()
    await clock.settle()
    while (!reached()) {
      if (clock.monotonicMs() - beganMs > toMs(atMost)) fail(`it did not come to that within ${atMost}:\n${describe(host)}`)
      await clock.advance(clock.monotonicMs() - beganMs < 5_000 ? 10 : 500)
    }
    return clock.monotonicMs() - beganMs
  }

  async function rest(atMost = '10m'): Promise<void> {
    const ticks = countTicks(current)
    await until(() => ticks() >= 2 && isAtRest(host), atMost)
  }

  const stateOf = () => createStateFile(createSlotFile({ files, path: statePaths(STATE_DIRECTORY).state(CLUSTER), slotBytes: 16 * 1024 }))
  const journalOf = () => createJournalStore(createSlotFile({ files, path: statePaths(STATE_DIRECTORY).journal(CLUSTER), slotBytes: 256 * 1024 }))

  const host: SimulatedHost = {
    clock,
    files,
    processes,
    service,
    directory,
    server,
    gate,
    mailer,
    journal,
    get daemon() {
      return current()
    },
    startDaemon,
    killDaemon: () => current().life.end(),
    advance: duration => clock.advance(toMs(duration)),
    rest,
    until,
    stopByOperator: async () => void (await service.onStop('fast', undefined)),
    startByOperator: async () => void (await service.onStart(undefined)),
    async ask(request) {
      const asked = current().ask(request)
      const answered = { yet: false }
      void asked.then(() => (answered.yet = true))
      await until(() => answered.yet, '10m')
      return asked
    },
    setMail: way => void (mailer.answers.splice(0, Infinity, ...(way === 'dead' ? Array.from({ length: 10_000 }, () => DOWN) : []))),
    configure: yaml => files.put(CONFIG_FILE, configurationOf(yaml)),
    mode: () => current().watch().state.mode,
    events: () => journal.map(({ event }) => event),
    acts: () => service.requests.filter(request => /^(start|stop|kill)/.test(request)),
    steps: status => journal.filter(({ event }) => event === `step-${status}`).map(({ fields }) => String(fields?.['step'])),
    mails: () => mailer.sent,
    savedState: () => stateOf().load(),
    savedJournal: () => journalOf().load(),
  }
  return host
}

function isAtRest({ daemon, server, mailer }: SimulatedHost): boolean {
  const { recovery, state } = daemon.watch()
  const moves = server.phase === 'starting' || server.phase === 'stopping'
  const down = server.phase === 'down' || server.isFrozen()
  const mailWaits = daemon.telegraph.outbox.status().waiting > 0 && mailer.answers.length === 0
  return recovery === undefined && !['suspect', 'recovering'].includes(state.mode) && !moves && !mailWaits && !(state.mode === 'healthy' && down)
}

/** Ticks that ended since this call. */
function countTicks(daemon: () => SimulatedDaemon): () => number {
  const seen = new Set([daemon().watch().lastTickMonotonicMs])
  return () => seen.add(daemon().watch().lastTickMonotonicMs).size - 1
}

/** What comes of `work`; `undefined` when the daemon dies first, which nothing that it waits for would tell. */
async function untilOver<T>(clock: FakeClock, life: Life, work: Promise<T>): Promise<T | undefined> {
  const settled = { done: false }
  const end = (): void => void (settled.done = true)
  void work.then(end, end)
  while (!settled.done && !life.isOver()) await clock.settle()
  return settled.done ? work : undefined
}

function describe(host: SimulatedHost): string {
  const { state, recovery, step } = host.daemon.watch()
  const standing = `mode ${state.mode}, recovery ${recovery === undefined ? 'none' : step}, server ${host.server.phase}, ${host.daemon.telegraph.outbox.status().waiting} mails wait`
  return [standing, ...host.journal.slice(-10).map(({ atMs, message }) => `${atMs} ${message}`)].join('\n')
}

function toMs(duration: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(duration) ?? fail(`no duration: ${duration}`)
  return Number(amount) * (UNITS[unit ?? ''] ?? 0)
}

function fail(why: string): never {
  throw new Error(why)
}
