import type { Config } from '../config/config.ts'
import type { Calendar } from '../ports/calendar.ts'
import type { Mailer } from '../ports/mailer.ts'
import { type HostParts, passwordFrom, statePaths } from './compose.ts'
import type { Outsides } from './compose-cluster.ts'
import { createBackupDesk } from './backup-desk.ts'
import { answer, type Daemon } from './control.ts'
import { startControlServer } from './control-server.ts'
import { createFleet, type Fleet } from './fleet.ts'
import { createIncidentStore } from './incident-store.ts'
import { createReload } from './reload.ts'
import type { Releasers } from './releasers.ts'
import { startServers } from './start-servers.ts'
import { startRoutines } from './routines.ts'
import type { Signals } from './signals.ts'
import { createJobs } from './start-jobs.ts'
import { createStatusBoard, type StatusBoard } from './status-line.ts'
import { sweep } from './sweep.ts'
import { stopGracefully } from './stop-gracefully.ts'
import { createTelegraph, type Telegraph } from './telegraph.ts'
import { testAlert } from './test-alert.ts'
import { VERSION } from './version.ts'

const LAST_MAIL_MS = 3_000

/** What a daemon stands on: everything outside, and what its process is told and tells of itself. */
export interface Ground {
  readonly parts: HostParts
  readonly outsides: Outsides
  mailerFor(config: Config): Mailer | undefined
  calendar(): Calendar
  readonly signals: Pick<Signals, 'stop' | 'abort' | 'onReload'>
  readonly configFile: string
  readonly process: { readonly pid: number; startedWallMs(): number }
  /** Whether servers without a service manager are checked and started first. */
  readonly startsServers?: true
}

/** A daemon that runs. */
export interface Started {
  readonly fleet: Fleet
  readonly telegraph: Telegraph
  /** Rejects for a bug that ends a watch. */
  readonly failed: Promise<never>
  /** Lets what is under way come to its end; what was opened is let go of by the releasers. */
  finish(): Promise<void>
}

/** Starts the daemon; also when that fails, `releasers` then lets go of what was opened. */
export async function startDaemon(ground: Ground, config: Config, warnings: readonly string[], releasers: Releasers): Promise<Started> {
  const { parts, signals, configFile } = ground
  const { host } = parts
  await makeDirectories(parts, config)
  const telegraph = createTelegraph(parts, config, (next) => ground.mailerFor(next))
  const incidents = createIncidentStore({ ...host, directory: statePaths(config.stateDirectory).incidents })
  const ended = Promise.withResolvers<never>()
  const fleet = createFleet(host.files, ground.outsides, {
    host: parts.hostName,
    incidents,
    alerting: telegraph.alerting,
    abort: signals.abort,
    stopping: () => signals.stop.aborted,
    changed: () => board.changed(),
    passwordOf: (source) => passwordFrom(source, host.files, parts.environment),
    fail: ended.reject,
  })
  const board = createStatusBoard(parts.notifier, fleet.watches)
  const backups = createBackupDesk(signals.abort)
  const jobs = createJobs({ parts, fleet, telegraph, incidents, backups, calendar: () => ground.calendar() })
  const reload = createReload({ parts, fleet, board, telegraph, jobs, configFile, config })
  const control = { backups, watches: fleet.watches, reload, testAlert: (signal: AbortSignal) => testAlert(parts, telegraph, signal) }
  await openControl(parts, config, { ...control, statusBase: () => statusBase(ground, telegraph) }, releasers)
  if (ground.startsServers === true) await startServers(ground, config)
  await telegraph.alerting.start()
  await telegraph.outbox.start()
  releasers.add(() => endOutbox(parts, telegraph))
  for (const warning of [...warnings, ...(await fleet.follow(config))])
    host.log.write({ level: 'warning', event: 'configuration-warning', message: warning })
  await jobs.follow(config)
  releasers.add(() => jobs.stop())
  releasers.add(startRoutines(parts, fleet))
  signals.onReload(() => void reload())
  welcome(parts, fleet, board)
  return {
    fleet,
    telegraph,
    failed: ended.promise,
    async finish() {
      await stopGracefully(parts, fleet)
      await telegraph.alerting.settled()
    },
  }
}

/** Only one pgwatchd may run over one state directory: the socket is the lock. */
async function openControl(parts: HostParts, config: Config, daemon: Daemon, releasers: Releasers): Promise<void> {
  const server = await startControlServer({
    path: `${config.runtimeDirectory}/control.sock`,
    socket: parts.controlSocket,
    handle: (request, signal) => answer(daemon, request, signal),
    log: parts.host.log,
    clock: parts.host.clock,
  })
  releasers.add(() => server.close())
}

async function makeDirectories({ host }: HostParts, config: Config): Promise<void> {
  const paths = statePaths(config.stateDirectory)
  for (const directory of [config.stateDirectory, paths.stateFolder, paths.incidents, paths.outbox])
    await host.files.makeDirectory(directory, 0o700)
  await host.files.makeDirectory(config.runtimeDirectory, 0o755)
  await sweep(host.files, paths.stateFolder)
}

/** The mail that is on its way has a little time to arrive; what waits stays on disk. */
async function endOutbox({ host }: HostParts, { outbox }: Telegraph): Promise<void> {
  const patience = new AbortController()
  const disarm = host.clock.after(LAST_MAIL_MS, () => patience.abort())
  await outbox.stop(patience.signal)
  disarm()
}

function statusBase({ configFile, process }: Ground, { outbox }: Telegraph) {
  const { waiting, lastError } = outbox.status()
  return { version: VERSION, pid: process.pid, startedWallMs: process.startedWallMs(), outbox: { waiting, lastError }, configFile }
}

function welcome({ host }: HostParts, fleet: Fleet, board: StatusBoard): void {
  const names = fleet.watches().map(({ cluster }) => cluster.name)
  const watched = names.length === 0 ? 'no cluster found to watch: configure one, or create one and reload' : `watching ${names.join(', ')}`
  host.log.write({ level: names.length === 0 ? 'err' : 'notice', event: 'started', message: `pgwatchd ${VERSION} is running, ${watched}` })
  board.ready()
}
