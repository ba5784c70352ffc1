import type { LogEntry } from '../../src/ports/log.ts'
import { createSystemdManager } from '../../src/adapters/systemd/systemd-manager.ts'
import type { Cluster } from '../../src/core/cluster.ts'
import type { Host, Outside } from '../../src/ports/outside.ts'
import type { Random } from '../../src/ports/random.ts'
import type { FakeClock } from './clock.ts'
import { createFakeClock } from './clock.ts'
import type { FakeCommands } from './commands.ts'
import { createFakeCommands } from './commands.ts'
import type { FakeFiles } from './files.ts'
import { createFakeFiles } from './files.ts'
import type { FakeMailer } from './mailer.ts'
import { createFakeMailer } from './mailer.ts'
import type { FakeProcesses } from './processes.ts'
import { createFakeProcesses } from './processes.ts'
import { createFakeRandom } from './random.ts'
import type { FakeServiceManager } from './service-manager.ts'
import { createFakeServiceManager } from './service-manager.ts'
import type { SimulatedDataDirectory } from './simulated-data-directory.ts'
import { createSimulatedDataDirectory } from './simulated-data-directory.ts'
import type { Gate, Life } from './simulated-gate.ts'
import { createGate } from './simulated-gate.ts'
import { createSimulatedPostgres } from './simulated-postgres.ts'
import type { SimulatedServer } from './simulated-server.ts'
import { createSimulatedServer } from './simulated-server.ts'
import type { SimulatedSystemd } from './simulated-systemd.ts'
import { createSimulatedSystemd } from './simulated-systemd.ts'

/** As the package's drop-in asserts it. */
const HOLD_FILE = '/run/pgwatchd/hold-15-main'

/** A line of pgwatchd's journal with its time. */
export type JournalLine = LogEntry & { readonly atMs: number }

/** Everything of a machine but pgwatchd; it outlives each daemon. */
export interface SimulatedMachine {
  readonly clock: FakeClock
  readonly files: FakeFiles
  readonly processes: FakeProcesses
  readonly commands: FakeCommands
  readonly service: FakeServiceManager
  readonly systemd: SimulatedSystemd
  readonly mailer: FakeMailer
  readonly random: Random
  readonly directory: SimulatedDataDirectory
  readonly server: SimulatedServer
  readonly gate: Gate
  /** When pgwatchd last told the service manager that it lives, in elapsed milliseconds. */
  readonly lifeSign: { lastMs: number }
  /** Everything that any pgwatchd wrote to the journal. */
  readonly journal: JournalLine[]
}

/** A machine whose server is about to boot, with 500 MB free below `/var/lib/postgresql`. */
export function createMachine(seed: number): SimulatedMachine {
  const clock = createFakeClock(undefined, 1)
  const files = createFakeFiles(() => clock.wallMs())
  const [processes, commands] = [createFakeProcesses(), createFakeCommands()]
  const service = createFakeServiceManager({}, () => files.textOf(HOLD_FILE) !== undefined)
  const systemd = createSimulatedSystemd(service, clock)
  const directory = createSimulatedDataDirectory(files, () => clock.wallMs())
  const server = createSimulatedServer({ clock, processes, service, directory })
  files.mount('/var/lib/postgresql', { totalBytes: 1e9, availableBytes: 5e8 })
  commands.on('postgres', () => checkConfiguration(server))
  commands.on('journalctl', {
    stdout: '2026-11-21T01:44:12 db1 kernel: Buffer I/O error on dev sda1, logical block 7, lost async page write\n',
  })
  commands.on('perl', { exitCode: 1 })
  commands.on('pg_waldump', () => ({ exitCode: 1, stderr: `pg_waldump: error: ${server.conditions.walEnd}\n` }))
  commands.on('systemctl', (request, signal) => systemd.systemctl(request, signal))
  const others = { mailer: createFakeMailer(), random: createFakeRandom(seed), gate: createGate(), journal: [], lifeSign: { lastMs: 0 } }
  return { clock, files, processes, commands, service, systemd, directory, server, ...others }
}

/** What one life of pgwatchd sees of the machine. */
export function hostOf(machine: SimulatedMachine, { guard, pass, clock }: Life): Host {
  const { journal, files, processes, commands, random } = machine
  const write = (entry: LogEntry): void => void journal.push({ ...entry, atMs: clock.monotonicMs() })
  return {
    clock,
    random,
    files: guard('files', files.through(pass)),
    processes: guard('processes', processes),
    commands: guard('commands', commands),
    log: guard('log', { write, flush: async () => {} }),
  }
}

/** The same with what concerns one cluster. */
export function outsideOf(machine: SimulatedMachine, { guard }: Life, host: Host, cluster: Cluster, runtimeDirectory: string): Outside {
  const { bus } = machine.systemd
  return {
    ...host,
    postgres: guard('postgres', createSimulatedPostgres(machine)),
    service: guard('service', createSystemdManager({ ...host, cluster, runtimeDirectory, bus })),
  }
}

/** `postgres -C`, which reads the configuration as a start does. */
function checkConfiguration({ conditions }: SimulatedServer) {
  return conditions.configurationError === '' ? { stdout: '128MB\n' } : { exitCode: 1, stderr: conditions.configurationError }
}
