import { posix } from 'node:path'
import type { Cluster } from '../core/cluster.ts'
import type { Files } from '../ports/files.ts'
import { defaultClusterConfig } from './build-cluster.ts'
import type { ClusterConfig, Config } from './config.ts'
import { DEBIAN_ROOT, discoverClusters } from './discover.ts'
import type { Discovery } from './discover.ts'
import { readPidFile } from './pid-file.ts'
import { readOrNothing } from './read-or-nothing.ts'
import { DEFAULT_PORT, DEFAULT_SOCKET_DIRECTORY, readServerSettings } from './server-settings.ts'

/** A cluster of this host with its entry in the configuration. */
export interface ResolvedCluster {
  readonly cluster: Cluster
  readonly config: ClusterConfig
}

export interface Resolution {
  readonly clusters: readonly ResolvedCluster[]
  /** Why a cluster is not among them; one plain sentence each, that begins with its name. */
  readonly problems: readonly string[]
}

/** Where binaries of one major version are: Debian, then the Red Hat packages of PostgreSQL. */
const BINARY_DIRECTORIES = [(version: number) => `/usr/lib/postgresql/${version}/bin`, (version: number) => `/usr/pgsql-${version}/bin`]

/**
 * Finds the clusters that `config` means on this host: what an entry leaves out is taken from the discovered cluster of
 * its name or data directory, else from the data directory itself. Without entries: every discovered cluster.
 */
export async function resolveClusters(config: Config, files: Files): Promise<Resolution> {
  const discovery = await discoverClusters(files)
  const entries = config.clusters ?? discovery.clusters.map(({ name }) => defaultClusterConfig(name))
  const clusters: ResolvedCluster[] = []
  const problems: string[] = [...discovery.problems, ...(config.clusters === undefined ? explainSkipped(discovery) : [])]
  for (const entry of entries) {
    const cluster = await resolveCluster(entry, discovery, files)
    const obstacle = typeof cluster === 'string' ? cluster : findObstacle(cluster, entry, clusters)
    if (typeof cluster !== 'string' && obstacle === '') clusters.push({ cluster, config: entry })
    else problems.push(`${entry.name}: ${obstacle}`)
  }
  return { clusters, problems }
}

function explainSkipped({ clusters, skipped, problems }: Discovery): readonly string[] {
  const unwanted = skipped.filter(({ wanted }) => !wanted).map(({ name, why }) => `${name}: ${why}`)
  if (clusters.length + unwanted.length + problems.length > 0) return unwanted
  return [`no cluster to watch was found below ${DEBIAN_ROOT}; name one with "clusters" in the configuration`]
}

async function resolveCluster(entry: ClusterConfig, discovery: Discovery, files: Files): Promise<Cluster | string> {
  const found = findDiscovered(entry, discovery.clusters)
  if (found === undefined && entry.dataDirectory === undefined) return explainNotFound(entry.name, discovery)
  const ground = found ?? (await lookInto(entry, entry.dataDirectory ?? '', files))
  if (typeof ground === 'string') return ground
  return {
    name: entry.name,
    majorVersion: ground.majorVersion,
    dataDirectory: entry.dataDirectory ?? ground.dataDirectory,
    binaryDirectory: entry.binaryDirectory ?? ground.binaryDirectory,
    socketDirectory: entry.socketDirectory ?? ground.socketDirectory,
    port: entry.port ?? ground.port,
    configFile: entry.configFile ?? ground.configFile,
    logFile: entry.logFile ?? ground.logFile,
    ...(entry.logFile === undefined && ground.collectsLog === true ? { collectsLog: true } : {}),
    serviceManager: entry.serviceManager,
    unit: entry.serviceManager === 'systemd' ? (entry.unit ?? ground.unit) : '',
    ...(entry.walArchive === undefined ? {} : { walArchive: entry.walArchive }),
  }
}

function findDiscovered(entry: ClusterConfig, clusters: readonly Cluster[]): Cluster | undefined {
  return clusters.find(({ name }) => name === entry.name) ?? clusters.find(({ dataDirectory }) => dataDirectory === entry.dataDirectory)
}

function explainNotFound(name: string, { clusters, skipped }: Discovery): string {
  const reason = skipped.find((each) => each.name === name)
  if (reason !== undefined) return reason.why
  const names = clusters.map((each) => each.name).join(', ')
  const others = names === '' ? 'there is none' : `there is ${names}`
  return `no cluster of this name was found below ${DEBIAN_ROOT} (${others}); set its data_directory`
}

/** A cluster that Debian does not know, by its data directory; the running server's pid file counts more than the configuration. */
async function lookInto(entry: ClusterConfig, dataDirectory: string, files: Files): Promise<Cluster | string> {
  const majorVersion = await readMajorVersion(files, dataDirectory)
  const binaryDirectory = entry.binaryDirectory ?? (await findBinaries(files, majorVersion))
  if (binaryDirectory === undefined) return explainNoBinaries(dataDirectory, majorVersion)
  const configFile = entry.configFile ?? posix.join(dataDirectory, 'postgresql.conf')
  const settings = await readOrNothing(() => readServerSettings(files, configFile, dataDirectory))
  const running = await readPidFile(files, dataDirectory)
  return {
    name: entry.name,
    majorVersion,
    dataDirectory,
    binaryDirectory,
    socketDirectory: running?.socketDirectory ?? settings?.socketDirectory ?? DEFAULT_SOCKET_DIRECTORY,
    port: running?.port ?? settings?.port ?? DEFAULT_PORT,
    configFile: '',
    logFile: settings?.collectedLogFile ?? '',
    ...(settings?.collectsLog === true ? { collectsLog: true } : {}),
    serviceManager: entry.serviceManager,
    unit: '',
  }
}

function explainNoBinaries(dataDirectory: string, majorVersion: number): string {
  if (majorVersion === 0) return `there is no readable ${dataDirectory}/PG_VERSION; check data_directory, or set binary_directory`
  return `the binaries of PostgreSQL ${majorVersion} were not found; set binary_directory`
}

/** 0 when PG_VERSION is missing or may not be read. */
async function readMajorVersion(files: Files, dataDirectory: string): Promise<number> {
  const text = await readOrNothing(() => files.readText(posix.join(dataDirectory, 'PG_VERSION'), { maxBytes: 64 }))
  const version = /^([0-9]{1,3})(?:\.[0-9]+)?\s*$/.exec(text ?? '')?.[1]
  return version === undefined ? 0 : Number(version)
}

async function findBinaries(files: Files, majorVersion: number): Promise<string | undefined> {
  for (const candidate of majorVersion === 0 ? [] : BINARY_DIRECTORIES.map((directory) => directory(majorVersion))) {
    if ((await readOrNothing(() => files.status(posix.join(candidate, 'postgres')))) !== undefined) return candidate
  }
  return undefined
}

/** What makes a cluster unfit to be watched; empty when nothing does. */
function findObstacle(cluster: Cluster, entry: ClusterConfig, others: readonly ResolvedCluster[]): string {
  const twin = others.find((other) => other.cluster.dataDirectory === cluster.dataDirectory)
  if (twin !== undefined) return `has the data directory of ${twin.cluster.name} (${cluster.dataDirectory}); one of the two must go`
  if (cluster.serviceManager === 'systemd' && cluster.unit === '') return 'no unit is known for it; set unit, or service_manager to pg_ctl'
  const needsSocket = entry.superuser.host === '' || entry.application?.host === ''
  return cluster.socketDirectory === '' && needsSocket ? 'unix_socket_directories is empty; set superuser.host and application.host' : ''
}
