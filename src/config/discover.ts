import { posix } from 'node:path'
import type { Cluster } from '../core/cluster.ts'
import type { Files } from '../ports/files.ts'
import { OutsideError } from '../ports/outside-error.ts'
import { FORMATS } from './formats.ts'
import { DEFAULT_PORT, DEFAULT_SOCKET_DIRECTORY, readServerSettings } from './server-settings.ts'

/** Where postgresql-common keeps the configuration of each cluster: VERSION/NAME below it. */
export const DEBIAN_ROOT = '/etc/postgresql'

/** Before 10 versions had two parts, and none of them is supported by PostgreSQL any more. */
const OLDEST_VERSION = 10

/** A cluster that is there and not watched. */
export interface SkippedCluster {
  readonly name: string
  /** Completes "15-main …". */
  readonly why: string
  /** True where the operator wants it so (`disabled`). */
  readonly wanted: boolean
}

export interface Discovery {
  readonly clusters: readonly Cluster[]
  readonly skipped: readonly SkippedCluster[]
  /** What kept pgwatchd from looking at all. */
  readonly problems: readonly string[]
}

/** Finds the clusters of Debian's postgresql-common. `socketDirectory` is "" for a server that is told to have no socket. */
export async function discoverClusters(files: Files): Promise<Discovery> {
  try {
    return await discoverAll(files)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return { clusters: [], skipped: [], problems: [`clusters cannot be discovered: ${error.message}`] }
  }
}

async function discoverAll(files: Files): Promise<Discovery> {
  const clusters: Cluster[] = []
  const skipped: SkippedCluster[] = []
  for (const version of await listDirectories(files, DEBIAN_ROOT, /^[0-9]+(\.[0-9]+)?$/)) {
    for (const name of await listDirectories(files, posix.join(DEBIAN_ROOT, version), /^[^.]/)) {
      const found = await discoverOne(files, version, name)
      if ('why' in found) skipped.push(found)
      else clusters.push(found)
    }
  }
  return { clusters, skipped, problems: [] }
}

/** Names that match; Debian's older versions first. A directory without postgresql.conf is left for the caller to judge. */
async function listDirectories(files: Files, path: string, pattern: RegExp): Promise<readonly string[]> {
  const names = ((await files.list(path)) ?? []).filter((name) => pattern.test(name))
  const kinds = await Promise.all(names.map(async (name) => await files.status(posix.join(path, name))))
  return names.filter((_, index) => kinds[index]?.kind === 'directory' || kinds[index]?.kind === 'link').sort(byNumber)
}

function byNumber(left: string, right: string): number {
  const difference = Number.parseFloat(left) - Number.parseFloat(right)
  return difference || (left < right ? -1 : 1)
}

async function discoverOne(files: Files, version: string, cluster: string): Promise<Cluster | SkippedCluster> {
  const name = `${version}-${cluster}`
  const directory = posix.join(DEBIAN_ROOT, version, cluster)
  if (!FORMATS['cluster name'].accepts(name)) return { name, why: 'has a name that pgwatchd cannot use', wanted: false }
  if (Number(version) < OLDEST_VERSION) return { name, why: `is older than PostgreSQL ${OLDEST_VERSION}`, wanted: false }
  try {
    if (await isDisabled(files, directory)) return { name, why: `is disabled in ${directory}/start.conf`, wanted: true }
    return await describeCluster(files, version, name, posix.join(directory, 'postgresql.conf'))
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return { name, why: `cannot be looked at: ${error.message}`, wanted: false }
  }
}

async function isDisabled(files: Files, directory: string): Promise<boolean> {
  const text = (await files.readText(posix.join(directory, 'start.conf'), { maxBytes: 65_536 })) ?? ''
  const word = text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .find((line) => line !== '')
  return word === 'disabled'
}

async function describeCluster(files: Files, version: string, name: string, configFile: string): Promise<Cluster | SkippedCluster> {
  const settings = await readServerSettings(files, configFile)
  if (settings === undefined) return { name, why: `has no ${configFile}`, wanted: false }
  const dataDirectory = settings.dataDirectory
  if (dataDirectory?.startsWith('/') !== true) return { name, why: `has no absolute data_directory in ${configFile}`, wanted: false }
  return {
    name,
    majorVersion: Number(version),
    dataDirectory: posix.normalize(dataDirectory).replace(/(.)\/+$/, '$1'),
    binaryDirectory: `/usr/lib/postgresql/${version}/bin`,
    socketDirectory: settings.socketDirectory ?? DEFAULT_SOCKET_DIRECTORY,
    port: settings.port ?? DEFAULT_PORT,
    configFile,
    logFile: settings.collectedLogFile ?? `/var/log/postgresql/postgresql-${name}.log`,
    ...(settings.collectsLog ? { collectsLog: true } : {}),
    serviceManager: 'systemd',
    unit: `postgresql@${name}.service`,
  }
}
