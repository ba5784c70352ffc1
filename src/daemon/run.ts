import type { Config } from '../config/config.ts'
import { OutsideError } from '../ports/outside-error.ts'
import { composeOutsides } from './compose-cluster.ts'
import { composeCalendar, composeHost, composeMailer, type Environment, type HostParts } from './compose.ts'
import { readConfig } from './read-config.ts'
import { createReleasers } from './releasers.ts'
import { listenToSignals } from './signals.ts'
import { CONFIGURATION_REFUSED } from './check-before-start.ts'
import { type Ground, startDaemon } from './start.ts'

export interface RunOptions {
  readonly configFile: string
  /** Overrides the configuration's. */
  readonly logFormat?: Config['log']['format']
  readonly environment: Environment
  /** Checks and starts the servers without a service manager before the watch begins. */
  readonly beforeStart?: boolean
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
    return error.code === CONFIGURATION_REFUSED ? EXIT_CONFIGURATION : EXIT_FAILED
  } finally {
    await parts.host.log.flush(2_000)
  }
}

async function serve(
  { configFile, beforeStart }: RunOptions,
  parts: HostParts,
  config: Config,
  warnings: readonly string[],
): Promise<void> {
  const releasers = createReleasers()
  const signals = listenToSignals(releasers)
  const ground: Ground = {
    parts,
    outsides: composeOutsides(parts),
    mailerFor: (next) => composeMailer(next, parts),
    calendar: composeCalendar,
    signals,
    configFile,
    process: { pid: process.pid, startedWallMs: () => parts.host.clock.wallMs() - process.uptime() * 1_000 },
    ...(beforeStart === true ? { startsServers: true } : {}),
  }
  try {
    const started = await startDaemon(ground, config, warnings, releasers)
    await Promise.race([signals.stopped, started.failed])
    await started.finish()
  } finally {
    await releasers.release()
  }
}
