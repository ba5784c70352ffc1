import type { Config } from '../config/config.ts'
import type { Cluster } from '../core/cluster.ts'
import type { Io } from './command.ts'
import { spellDuration } from './durations.ts'

/** What a valid configuration means, for people and for programs. */
export interface ConfigSummary {
  readonly clusters: readonly Cluster[]
  /** Why a cluster is not among them, each a plain sentence. */
  readonly problems: readonly string[]
  readonly sentences: readonly string[]
}

function clusterSentence(cluster: Cluster): string {
  const service = cluster.serviceManager === 'systemd' ? cluster.unit : 'pg_ctl'
  return `cluster ${cluster.name}: PostgreSQL ${cluster.majorVersion}, port ${cluster.port}, ${cluster.dataDirectory}, ${service}`
}

/** Without mail the check of the file has warned already. */
function mailSentences(mail: Config['alerts']['mail']): readonly string[] {
  return mail === undefined ? [] : [`alerts go to ${mail.to.join(', ')} through ${mail.smtp.host}:${mail.smtp.port}`]
}

function watchSentence({ watch, recovery }: Config): string {
  const act = recovery.mode === 'act' ? `${watch.failures} failed looks start a recovery` : 'nothing is ever done: recovery.mode is observe'
  return `every ${spellDuration(watch.intervalMs)} a look, ${act}`
}

/** Finds the clusters that `config` means on this host, as the daemon would. */
export async function summarize(config: Config, environment: Io['environment']): Promise<ConfigSummary> {
  const { findClusters } = await import('../daemon/find-clusters.ts')
  const resolution = await findClusters(config, environment)
  const clusters = resolution.clusters.map(({ cluster }) => cluster)
  const found = clusters.length === 0 ? ['no cluster was found on this host'] : clusters.map(clusterSentence)
  return { clusters, problems: resolution.problems, sentences: [...found, watchSentence(config), ...mailSentences(config.alerts.mail)] }
}
