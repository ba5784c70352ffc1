import type { Config } from '../config/config.ts'
import { type Resolution, resolveClusters } from '../config/resolve.ts'
import type { Cluster } from '../core/cluster.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { Outside } from '../ports/outside.ts'
import { findDataDirectoryFault } from '../server/data-directory-fault.ts'
import { CONFIGURATION_REFUSED, refusal } from './check-before-start.ts'
import type { HostParts } from './compose.ts'
import type { Outsides } from './compose-cluster.ts'
import { findReasonToLeave } from './reason-to-leave.ts'
import { settingsOf } from './settings.ts'
import type { Signals } from './signals.ts'
import { startServer } from './start-server.ts'

/** The part of a daemon's ground that servers are started from. */
interface Ground {
  readonly parts: HostParts
  readonly outsides: Outsides
  readonly signals: Pick<Signals, 'stop' | 'abort'>
}

/** A start may take as long as it moves, and this is told more often. */
const PATIENCE_MS = 60_000

/**
 * Checks and starts each server of service manager `pg_ctl` that does not run, one after the other, before anything watches
 * them. Rejects with `OutsideError` when one could not be started; the others are tried all the same.
 */
export async function startServers(ground: Ground, config: Config): Promise<void> {
  const resolution = await resolveClusters(config, ground.parts.host.files)
  const failures = await explainUnresolved(ground, config, resolution)
  for (const { cluster, config: own } of resolution.clusters) {
    if (cluster.serviceManager !== 'pg_ctl') continue
    const outside = ground.outsides.of(cluster, own, config.runtimeDirectory)
    try {
      await startOne(ground, config, cluster, outside)
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      failures.push(error)
    } finally {
      await outside.service.close()
    }
  }
  tellAllButOne(ground, failures)
}

async function startOne(ground: Ground, config: Config, cluster: Cluster, outside: Outside): Promise<void> {
  const { parts, signals } = ground
  const report = (sentence: string): void => {
    parts.notifier.extendTimeout(PATIENCE_MS)
    parts.notifier.status(`${cluster.name}: ${sentence}`)
    parts.host.log.write({ level: 'notice', event: 'before-start', message: `${cluster.name}: ${sentence}`, cluster: cluster.name })
  }
  const reason = await findReasonToLeave(cluster, outside, config.stateDirectory)
  if (reason !== undefined) return report(`its server is not started here: ${reason}`)
  const settings = settingsOf(config).recovery
  await startServer({ cluster, outside, settings, report, hurried: () => signals.stop.aborted }, signals.stop, signals.abort)
}

/** A cluster that is configured and cannot even be found is one that cannot be started. */
async function explainUnresolved({ parts }: Ground, config: Config, { clusters, problems }: Resolution): Promise<OutsideError[]> {
  const found = new Set(clusters.map(({ cluster }) => cluster.name))
  const missing = (config.clusters ?? []).filter(({ name, serviceManager }) => serviceManager === 'pg_ctl' && !found.has(name))
  return Promise.all(
    missing.map(async ({ name, dataDirectory }) => {
      const place = { dataDirectory: dataDirectory ?? '', majorVersion: 0 }
      const fault = dataDirectory === undefined ? '' : await findDataDirectoryFault(place, parts.host.files)
      const problem = problems.find((each) => each.startsWith(`${name}: `)) ?? 'it was not found'
      return refusal(name, 'unstartable', fault === '' ? problem : `${dataDirectory}: ${fault}`, fault === '' ? '' : problem)
    }),
  )
}

/** The one that is thrown is told by whoever ends; a data directory at fault counts for more than a configuration. */
function tellAllButOne({ parts }: Ground, failures: readonly OutsideError[]): void {
  const worst = failures.find(({ code }) => code !== CONFIGURATION_REFUSED) ?? failures[0]
  if (worst === undefined) return
  for (const { message, hint } of failures.filter((failure) => failure !== worst))
    parts.host.log.write({ level: 'err', event: 'start-failed', message: hint === '' ? message : `${message}; ${hint}` })
  throw worst
}
