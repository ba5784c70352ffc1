import type { Config } from '../../src/config/config.ts'
import { statePaths } from '../../src/daemon/compose.ts'
import { answer, type Daemon } from '../../src/daemon/control.ts'
import type { ControlAnswer, ControlRequest } from '../../src/daemon/control-protocol.ts'
import { createFleet, type Fleet } from '../../src/daemon/fleet.ts'
import { createIncidentStore } from '../../src/daemon/incident-store.ts'
import { readConfig } from '../../src/daemon/read-config.ts'
import { createReload, type Reloaded } from '../../src/daemon/reload.ts'
import { createTelegraph, type Telegraph } from '../../src/daemon/telegraph.ts'
import type { HostParts } from '../../src/daemon/compose.ts'
import type { Watch } from '../../src/daemon/watch.ts'
import type { Mailer } from '../../src/ports/mailer.ts'
import type { Host, Outside } from '../../src/ports/outside.ts'
import type { Life } from './simulated-gate.ts'

export const CONFIG_FILE = '/etc/pgwatch.yaml'

/** One run of pgwatchd on a simulated host, made of the real parts. */
export interface SimulatedDaemon {
  readonly life: Life
  readonly fleet: Fleet
  readonly telegraph: Telegraph
  /** The watch over the only cluster. */
  watch(): Watch
  /** SIGHUP. */
  reload(): Promise<Reloaded>
  /** What the control socket answers, all of it. */
  ask(request: ControlRequest, signal?: AbortSignal): Promise<readonly ControlAnswer[]>
  /** SIGTERM: resolves when the daemon has ended. */
  stop(): Promise<void>
  /** The second SIGTERM. */
  hurry(): void
}

export interface DaemonGround {
  readonly outside: Outside
  readonly mailer: Mailer
  readonly life: Life
}

/** Starts pgwatchd; its configuration must be valid. */
export async function startSimulatedDaemon({ outside, mailer, life }: DaemonGround): Promise<SimulatedDaemon> {
  const read = await readConfig(CONFIG_FILE, outside.files)
  if (!read.ok) throw new Error(read.problems.join('\n'))
  const { config } = read
  const parts = partsOf(outside)
  const [stop, abort] = [new AbortController(), new AbortController()]
  await makeDirectories(outside, config)
  const telegraph = createTelegraph(parts, config, (next) => (next.alerts.mail === undefined ? undefined : mailer))
  const incidents = createIncidentStore({ ...outside, directory: statePaths(config.stateDirectory).incidents })
  const outsides = { of: () => outside, close: async () => {} }
  const common = {
    host: parts.hostName,
    incidents,
    alerting: telegraph.alerting,
    abort: abort.signal,
    stopping: () => stop.signal.aborted,
    fail: (error: unknown) => {
      throw error
    },
  }
  const fleet = createFleet(outside.files, outsides, common)
  const jobs = { follow: async () => {}, stop: async () => {} }
  const reload = createReload({ parts, fleet, telegraph, jobs, configFile: CONFIG_FILE, config })
  const daemon: Daemon = {
    watches: fleet.watches,
    statusBase: () => statusBase(outside),
    reload,
    testAlert: async () => ({ ok: true, text: '', hint: '' }),
  }
  await telegraph.alerting.start()
  await telegraph.outbox.start()
  await fleet.follow(config)
  return {
    life,
    fleet,
    telegraph,
    watch: () => only(fleet.watches()),
    reload,
    ask: (request, signal = new AbortController().signal) => collect(answer(daemon, request, signal)),
    async stop() {
      stop.abort()
      await fleet.stop()
      await telegraph.alerting.settled()
      await telegraph.outbox.stop()
    },
    hurry: () => abort.abort(),
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

async function makeDirectories({ files }: Host, config: Config): Promise<void> {
  const paths = statePaths(config.stateDirectory)
  for (const directory of [config.stateDirectory, paths.stateFolder, paths.incidents, paths.outbox])
    await files.makeDirectory(directory, 0o700)
}

function partsOf(host: Host): HostParts {
  const notifier = { ready() {}, status() {}, reloading() {}, stopping() {}, extendTimeout() {}, alive() {}, aliveIntervalMs: undefined }
  const controlSocket = { listen: () => Promise.reject(new Error('nobody listens on a simulated host')) }
  return { host, hostName: 'db1', notifier, controlSocket, environment: {}, withLog: () => partsOf(host) }
}

function statusBase({ clock }: Host) {
  return { version: 'simulated', pid: 1, startedWallMs: clock.wallMs(), outbox: { waiting: 0, lastError: '' }, configFile: CONFIG_FILE }
}

function only(watches: readonly Watch[]): Watch {
  const [watch] = watches
  if (watch === undefined) throw new Error('no cluster is watched')
  return watch
}
