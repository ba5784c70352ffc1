import type { CLUSTER_OPTIONS } from './options/clusters.ts'
import type { OPTIONS } from './options/index.ts'
import { checkOnePassword } from './password-checks.ts'
import type { TableReading } from './read-table.ts'
import type { Source } from './source.ts'

type ClusterReading = TableReading<typeof CLUSTER_OPTIONS>

/** What two clusters cannot have in common. */
const UNIQUE_KEYS = ['name', 'data_directory', 'unit'] as const

/** Finds what is wrong between the keys of one cluster, and between clusters. */
export function checkClusters(source: Source, reading: TableReading<typeof OPTIONS>): void {
  const clusters = (reading.within.get('clusters') ?? []) as readonly ClusterReading[]
  for (const cluster of clusters) checkCluster(source, cluster, reading.values.state_directory)
  for (const key of UNIQUE_KEYS) checkUnique(source, clusters, key)
}

function checkCluster(source: Source, cluster: ClusterReading, stateDirectory: string | undefined): void {
  checkServiceManager(source, cluster)
  warnOfUmbrella(source, cluster)
  checkNotWithin(source, cluster, stateDirectory)
  for (const login of ['superuser', 'application', 'standby']) {
    for (const reading of cluster.within.get(login) ?? []) checkOnePassword(source, reading, '')
  }
}

function checkServiceManager(source: Source, { values, offsets, offset, prefix }: ClusterReading): void {
  if (values.service_manager !== 'pg_ctl') return
  if (!offsets.has('data_directory')) source.fail(offset, `${prefix}data_directory: is missing; pg_ctl knows a cluster by nothing else`)
  const unit = offsets.get('unit')
  if (unit !== undefined) source.fail(unit, `${prefix}unit: a cluster under pg_ctl has none; remove it, or set service_manager to systemd`)
}

function warnOfUmbrella(source: Source, { values, offsets, prefix }: ClusterReading): void {
  if (values.unit !== 'postgresql.service') return
  const advice = 'on Debian this one stays active when the cluster is dead; use the instance, such as postgresql@15-main.service'
  source.warn(offsets.get('unit') ?? 0, `${prefix}unit: ${advice}`)
}

function checkNotWithin(source: Source, { values, offsets, prefix }: ClusterReading, stateDirectory: string | undefined): void {
  const dataDirectory = values.data_directory
  if (dataDirectory === undefined || stateDirectory === undefined) return
  if (!`${stateDirectory}/`.startsWith(`${dataDirectory}/`)) return
  source.fail(offsets.get('data_directory') ?? 0, `${prefix}data_directory: state_directory (${stateDirectory}) must not lie in it`)
}

function checkUnique(source: Source, clusters: readonly ClusterReading[], key: (typeof UNIQUE_KEYS)[number]): void {
  const first = new Map<string, ClusterReading>()
  for (const cluster of clusters) {
    const value = cluster.values[key]
    const other = value === undefined ? undefined : first.get(value)
    if (other !== undefined) source.fail(cluster.offsets.get(key) ?? 0, `${cluster.prefix}${key}: ${other.prefix}${key} is the same`)
    else if (value !== undefined) first.set(value, cluster)
  }
}
