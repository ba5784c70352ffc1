import type { Config } from '../config/config.ts'
import { OutsideError } from '../ports/outside-error.ts'
import { composeOutsides } from './compose-cluster.ts'
import { composeHost, composeMailer, type Environment, type HostParts, statePaths } from './compose.ts'
import { answer, type Daemon } from './control.ts'
import { startControlServer } from './control-server.ts'
import { createFleet, type Fleet } from './fleet.ts'
import { createIncidentStore } from './incident-store.ts'
import { readConfig } from './read-config.ts'
import { createReload } from './reload.ts'
import { createReleasers } from './releasers.ts'
import { startRoutines } from './routines.ts'
import { listenToSignals } from './signals.ts'
import { createJobs } from './start-jobs.ts'
import { stopGracefully } from './stop-gracefully.ts'
import { createTelegraph } from './telegraph.ts'
import { testAlert } from './test-alert.ts'
import { VERSION } from './version.ts'

export interface RunOptions {
  readonly configFile: string
  /** Overrides the configuration's. */
  readonly logFormat?: Config['log']['format']
  readonly environment: Environment
}

const EXIT_FAILED = 1
const EXIT_CONFIGURATION = 78

/** The daemon from start to stop; the result is the process's exit code. */
export async function runDaemon(options: RunOptions): Promise<number> {
  const provisional = composeHost(options.environment, { format: options.logFormat ?? 'auto', level: 'info' })
  const read = await readConfig(options.configFile, provisional.host.files)
  if (!read.ok) {
    for (const problem of read.problems) provisional.host.log.write({ level: 'err', event: 'configuration-refused', message: problem })
    await provisional.host.log.flush(1_000)
    return EXIT_CONFIGURATION
  }
  const parts = provisional.withLog({ format: options.logFormat ?? read.config.log.format, level: read.config.log.level })
  try {
    await serve(options, parts, read.config, read.warnings)
    return 0
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    parts.host.log.write({
      level: 'crit',
      event: 'start-failed',
      message: `pgwatchd cannot run: ${error.message}${error.hint === '' ? '' : `; ${error.hint}`}`,
    })
    return EXIT_FAILED
  } finally {
    await parts.host.log.flush(2_000)
  }
}

async function serve(options: RunOptions, parts: HostParts, config: Config, warnings: readonly string[]): Promise<void> {
  const { host } = parts
  const releasers = createReleasers()
  const signals = listenToSignals(releasers)
  try {
    await makeDirectories(parts, config)
    const telegraph = createTelegraph(parts, config, (next) => composeMailer(next, parts))
    const incidents = createIncidentStore({ ...host, directory: statePaths(config.stateDirectory).incidents })
    const stopping = (): boolean => signals.stop.aborted
    const ended = Promise.withResolvers<never>()
    const fleet = createFleet(host.files, composeOutsides(parts), {
      host: parts.hostName,
      incidents,
      alerting: telegraph.alerting,
      abort: signals.abort,
      stopping,
      fail: ended.reject,
    })
    const jobs = createJobs({ parts, fleet, telegraph, incidents })
    const reload = createReload({ parts, fleet, telegraph, jobs, configFile: options.configFile, config })
    await openControl(
      parts,
      config,
      {
        watches: fleet.watches,
        statusBase: () => statusBase(options, parts, telegraph.outbox),
        reload,
        testAlert: (signal) => testAlert(parts, telegraph, signal),
      },
      releasers,
    )
    await telegraph.alerting.start()
    await telegraph.outbox.start()
    releasers.add(() => telegraph.outbox.stop(AbortSignal.timeout(3_000)))
    for (const warning of [...warnings, ...(await fleet.follow(config))])
      host.log.write({ level: 'warning', event: 'configuration-warning', message: warning })
    await jobs.follow(config)
    releasers.add(() => jobs.stop())
    releasers.add(startRoutines(parts, fleet))
    signals.onReload(() => void reload())
    welcome(parts, fleet)
    await Promise.race([signals.stopped, ended.promise])
    await stopGracefully(parts, fleet)
    await telegraph.alerting.settled()
  } finally {
    await releasers.release()
  }
}

/** Only one pgwatchd may run over one state directory: the socket is the lock. */
async function openControl(parts: HostParts, config: Config, daemon: Daemon, releasers: ReturnType<typeof createReleasers>): Promise<void> {
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
}

function statusBase(options: RunOptions, { host }: HostParts, outbox: { status(): { waiting: number; lastError: string } }) {
  const { waiting, lastError } = outbox.status()
  return {
    version: VERSION,
    pid: process.pid,
    startedWallMs: host.clock.wallMs() - process.uptime() * 1_000,
    outbox: { waiting, lastError },
    configFile: options.configFile,
  }
}

function welcome({ host, notifier }: HostParts, fleet: Fleet): void {
  const names = fleet.watches().map(({ cluster }) => cluster.name)
  const watched = names.length === 0 ? 'no cluster found to watch: configure one, or create one and reload' : `watching ${names.join(', ')}`
  host.log.write({ level: names.length === 0 ? 'err' : 'notice', event: 'started', message: `pgwatchd ${VERSION} is running, ${watched}` })
  notifier.ready(watched)
}
