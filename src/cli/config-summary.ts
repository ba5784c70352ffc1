import type { Config } from '../config/config.ts'
import type { Cluster } from '../core/cluster.ts'
import type { Io } from './command.ts'
import { spellDuration } from './durations.ts'

/** What a valid configuration means, for people and for programs. */
export interface ConfigSummary {
  readonly clusters: readonly Cluster[]
  readonly sentences: readonly string[]
}

function clusterSentence(cluster: Cluster): string {
  const service = cluster.serviceManager === 'systemd' ? cluster.unit : 'pg_ctl'
  return `cluster ${cluster.name}: PostgreSQL ${cluster.majorVersion}, port ${cluster.port}, ${cluster.dataDirectory}, ${service}`
}

function mailSentence(mail: Config['alerts']['mail']): string {
  if (mail === undefined) return 'alerts go to the journal only: alerts.mail is not set'
  return `alerts go to ${mail.to.join(', ')} through ${mail.smtp.host}:${mail.smtp.port}`
}

function watchSentence({ watch, recovery }: Config): string {
  const act = recovery.mode === 'act' ? `${watch.failures} failed looks start a recovery` : 'nothing is ever done: recovery.mode is observe'
  return `every ${spellDuration(watch.intervalMs)} a look, ${act}`
}

/** Finds the clusters that `config` means on this host, as the daemon would. */
export async function summarize(config: Config, environment: Io['environment']): Promise<ConfigSummary> {
  const { findClusters } = await import('../daemon/find-clusters.ts')
  const clusters = await findClusters({ config, environment: { ...environment } })
  const found = clusters.length === 0 ? ['no cluster was found on this host'] : clusters.map(clusterSentence)
  return { clusters, sentences: [...found, watchSentence(config), mailSentence(config.alerts.mail)] }
}
