import type { Config } from '../../src/config/config.ts'
import type { HostParts } from '../../src/daemon/compose.ts'
import type { ControlAnswer, ControlRequest } from '../../src/daemon/control-protocol.ts'
import type { Fleet } from '../../src/daemon/fleet.ts'
import { readConfig } from '../../src/daemon/read-config.ts'
import { createReleasers } from '../../src/daemon/releasers.ts'
import { type Ground, startDaemon } from '../../src/daemon/start.ts'
import type { Telegraph } from '../../src/daemon/telegraph.ts'
import type { Watch } from '../../src/daemon/watch.ts'
import type { ControlSocket } from '../../src/ports/control-socket.ts'
import type { Notifier } from '../../src/ports/notifier.ts'
import type { Host } from '../../src/ports/outside.ts'
import { createFakeControlSocket } from './control-socket.ts'
import type { Life } from './simulated-gate.ts'
import type { SimulatedMachine } from './simulated-machine.ts'
import { hostOf, outsideOf } from './simulated-machine.ts'

export const CONFIG_FILE = '/etc/pgwatch.yaml'

/** One run of pgwatchd on a simulated host, made of the real parts. */
export interface SimulatedDaemon {
  readonly life: Life
  readonly fleet: Fleet
  readonly telegraph: Telegraph
  /** Each status line that the service manager was told. */
  readonly statuses: readonly string[]
  /** The watch over the only cluster. */
  watch(): Watch
  /** `pgwatchd reload`: the last answer. */
  reload(): Promise<ControlAnswer | undefined>
  /** What the control socket answers, all of it. */
  ask(request: ControlRequest, signal?: AbortSignal): Promise<readonly ControlAnswer[]>
  /** SIGTERM: resolves when the daemon has ended. */
  stop(): Promise<void>
  /** The second SIGTERM. */
  hurry(): void
}

/** Starts pgwatchd; its configuration must be valid. */
export async function startSimulatedDaemon(machine: SimulatedMachine, life: Life): Promise<SimulatedDaemon> {
  const host = hostOf(machine, life)
  const mailer = life.guard('mailer', machine.mailer)
  const read = await readConfig(CONFIG_FILE, host.files)
  if (!read.ok) throw new Error(read.problems.join('\n'))
  const [stop, abort] = [new AbortController(), new AbortController()]
  const socket = createFakeControlSocket()
  const statuses: string[] = []
  const releasers = createReleasers()
  const ground: Ground = {
    parts: partsOf(
      host,
      socket,
      life.guard(
        'notifier',
        notifierOf(machine, (line) => statuses.push(line)),
      ),
    ),
    outsides: {
      of: (cluster, _config, runtimeDirectory) => outsideOf(machine, life, host, cluster, runtimeDirectory),
      close: async () => {},
    },
    mailerFor: (config: Config) => (config.alerts.mail === undefined ? undefined : mailer),
    calendar: () => ({ problemOf: async () => undefined, at: async () => ({ nextWallMs: () => undefined, end: async () => {} }) }),
    signals: { stop: stop.signal, abort: abort.signal, onReload: () => undefined },
    configFile: CONFIG_FILE,
    process: { pid: 1, startedWallMs: () => host.clock.wallMs() },
  }
  const { fleet, telegraph, finish } = await startDaemon(ground, read.config, read.warnings, releasers)
  const ask: SimulatedDaemon['ask'] = async (request, signal) =>
    (await socket.ask(JSON.stringify(request), signal)).map((line) => JSON.parse(line) as ControlAnswer)
  return {
    life,
    fleet,
    telegraph,
    statuses,
    watch: () => only(fleet.watches()),
    reload: async () => (await ask({ command: 'reload' })).at(-1),
    ask,
    async stop() {
      stop.abort()
      await finish()
      await releasers.release()
    },
    hurry: () => abort.abort(),
  }
}

function partsOf(host: Host, controlSocket: ControlSocket, notifier: Notifier): HostParts {
  return { host, hostName: 'db1', notifier, controlSocket, environment: {}, withLog: () => partsOf(host, controlSocket, notifier) }
}

/** As with `WatchdogSec=30` in the unit. */
function notifierOf({ clock, lifeSign }: SimulatedMachine, tell: (status: string) => void): Notifier {
  const alive = (): void => void (lifeSign.lastMs = clock.elapsedMs())
  const ready = (status: string): void => (alive(), tell(status))
  return { ready, status: tell, reloading() {}, stopping: tell, extendTimeout() {}, alive, aliveIntervalMs: 15_000 }
}

function only(watches: readonly Watch[]): Watch {
  const [watch] = watches
  if (watch === undefined) throw new Error('no cluster is watched')
  return watch
}
