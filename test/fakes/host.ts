import type { ControlAnswer, ControlRequest } from '../../src/daemon/control-protocol.ts'
import { statePaths } from '../../src/daemon/compose.ts'
import { createSlotFile } from '../../src/daemon/slot-file.ts'
import { createStateFile } from '../../src/daemon/state-file.ts'
import type { State } from '../../src/core/state.ts'
import type { Mail } from '../../src/ports/mailer.ts'
import { createJournalStore } from '../../src/recovery/journal-store.ts'
import type { Journal } from '../../src/recovery/pipeline.ts'
import { DOWN } from './mailer.ts'
import type { SimulatedDaemon } from './simulated-daemon.ts'
import { CONFIG_FILE, startSimulatedDaemon } from './simulated-daemon.ts'
import { DATA, SERVER_LOG, SOCKET_DIRECTORY } from './simulated-data-directory.ts'
import type { Life } from './simulated-gate.ts'
import { createLife } from './simulated-gate.ts'
import type { SimulatedMachine } from './simulated-machine.ts'
import { createMachine } from './simulated-machine.ts'
import { describeStanding, passUntil, toMs, watchForRest } from './simulated-time.ts'

const CLUSTER = '15-main'
const PATHS = statePaths('/var/lib/pgwatchd')

/** A machine in memory with one cluster and one pgwatchd; nothing moves but by `advance`, `until` and `rest`. */
export interface SimulatedHost extends SimulatedMachine {
  /** The pgwatchd that was started last. */
  readonly daemon: SimulatedDaemon
  /** Starts a pgwatchd; the one before must have ended. */
  startDaemon(): Promise<void>
  /** kill -9: nothing of the daemon goes on; what it wrote stays. */
  killDaemon(): void
  /** Lets simulated time pass: `90s`, `3m`, `1d`. */
  advance(duration: string): Promise<void>
  /** Lets time pass until nothing more happens by itself; rejects when that takes longer than `atMost` (10 min). */
  rest(atMost?: string): Promise<void>
  /** Lets time pass until `reached`; rejects when that takes longer than `atMost` (1 h). Resolves to the milliseconds it took. */
  until(reached: () => boolean, atMost?: string): Promise<number>
  /** An operator's `systemctl stop`. */
  stopByOperator(): Promise<void>
  /** An operator's `systemctl start`. */
  startByOperator(): Promise<void>
  /** Asks the daemon over its control socket, and lets time pass until everything is answered. */
  ask(request: ControlRequest): Promise<readonly ControlAnswer[]>
  setMail(way: 'works' | 'dead'): void
  /** Writes the configuration: the cluster, an address for mail, and `yaml`. */
  configure(yaml: string): void
  mode(): string
  /** The events of the journal so far. */
  events(): readonly string[]
  /** Requests to the service manager that start, stop or kill. */
  acts(): readonly string[]
  /** Steps of recoveries that came to this status, in order. */
  steps(status: 'began' | 'done' | 'failed' | 'undone'): readonly string[]
  /** Mails that arrived. */
  mails(): readonly Mail[]
  savedState(): Promise<State | undefined>
  savedJournal(): Promise<Journal | undefined>
}

export interface HostOptions {
  /** Appended to the configuration. */
  readonly yaml?: string
  readonly seed?: number
}

/** A host whose server serves and whose pgwatchd has looked. */
export async function createHost(options: HostOptions = {}): Promise<SimulatedHost> {
  const machine = createMachine(options.seed ?? 1)
  const host = assemble(machine)
  machine.server.boot()
  host.configure(options.yaml ?? '')
  await host.startDaemon()
  await host.rest()
  return host
}

function assemble(machine: SimulatedMachine): SimulatedHost {
  let daemon: SimulatedDaemon | undefined
  const current = (): SimulatedDaemon => daemon ?? fail('pgwatchd was not started')
  async function startDaemon(): Promise<void> {
    const life = createLife(machine.gate, machine.clock)
    daemon = await unlessOver(machine, life, startSimulatedDaemon(machine, life))
  }
  return {
    ...machine,
    ...createHands(machine),
    ...createTime(machine, current),
    ...createViews(machine),
    get daemon() {
      return current()
    },
    startDaemon,
    killDaemon: () => current().life.end(),
    mode: () => current().watch().state.mode,
  }
}

/** What comes of `work`; `undefined` when the daemon dies first, which nothing that it waits for would tell. */
async function unlessOver<T>({ clock }: SimulatedMachine, life: Life, work: Promise<T>): Promise<T | undefined> {
  const settled = { yet: false }
  const end = (): void => void (settled.yet = true)
  void work.then(end, end)
  while (!settled.yet && !life.isOver()) await clock.settle()
  return settled.yet ? work : undefined
}

function createTime(machine: SimulatedMachine, daemon: () => SimulatedDaemon): Pick<SimulatedHost, 'advance' | 'until' | 'rest' | 'ask'> {
  async function until(reached: () => boolean, atMost = '1h'): Promise<number> {
    const tookMs = await passUntil(machine, reached, toMs(atMost))
    return tookMs ?? fail(`it did not come to that within ${atMost}:\n${describeStanding(machine, daemon())}`)
  }
  return {
    until,
    advance: (duration) => machine.clock.advance(toMs(duration)),
    rest: async (atMost = '10m') => void (await until(watchForRest(machine, daemon), atMost)),
    async ask(request) {
      const answered = { yet: false }
      const asked = daemon()
        .ask(request)
        .finally(() => (answered.yet = true))
      await until(() => answered.yet, '10m')
      return asked
    },
  }
}

/** What people and the network do to the host. */
function createHands({
  service,
  mailer,
  files,
}: SimulatedMachine): Pick<SimulatedHost, 'stopByOperator' | 'startByOperator' | 'setMail' | 'configure'> {
  return {
    stopByOperator: async () => void (await service.onStop('fast', undefined)),
    startByOperator: async () => void (await service.onStart(undefined)),
    setMail(way) {
      mailer.answers.length = 0
      if (way === 'dead') for (let tries = 0; tries < 10_000; tries += 1) mailer.answers.push(DOWN)
    },
    configure: (yaml) => files.put(CONFIG_FILE, configurationOf(yaml)),
  }
}

type Views = Pick<SimulatedHost, 'events' | 'acts' | 'steps' | 'mails' | 'savedState' | 'savedJournal'>

function createViews({ journal, service, mailer, files }: SimulatedMachine): Views {
  const slots = (path: string, kib: number) => createSlotFile({ files, path, slotBytes: kib * 1024 })
  return {
    events: () => journal.map(({ event }) => event),
    acts: () => service.requests.filter((request) => /^(start|stop|kill)/.test(request)),
    steps: (status) => journal.filter(({ event }) => event === `step-${status}`).map(({ fields }) => String(fields?.['step'])),
    mails: () => mailer.sent,
    savedState: () => createStateFile(slots(PATHS.state(CLUSTER), 16)).load(),
    savedJournal: () => createJournalStore(slots(PATHS.journal(CLUSTER), 256)).load(),
  }
}

export function configurationOf(yaml: string): string {
  return `clusters:
  - name: ${CLUSTER}
    data_directory: ${DATA}
    binary_directory: /usr/lib/postgresql/15/bin
    socket_directory: ${SOCKET_DIRECTORY}
    port: 5432
    log_file: ${SERVER_LOG}
    unit: postgresql@15-main.service
    application: { user: app }
alerts: { mail: { to: [dba@example.org] } }
${yaml}`
}

function fail(why: string): never {
  throw new Error(why)
}
