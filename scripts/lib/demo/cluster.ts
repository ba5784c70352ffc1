import { execFile } from 'node:child_process'
import { appendFileSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Identity } from './identity.ts'
import { wordsAs } from './identity.ts'

const run = promisify(execFile)
const VERSIONS = '/usr/lib/postgresql'
const INITDB_OPTIONS = ['-U', 'postgres', '-A', 'trust', '-N', '-E', 'UTF8', '--locale=C', '--wal-segsize=1', '--data-checksums']

/** A throwaway cluster; roles `postgres` and `app`, database `app`. */
export interface DemoCluster {
  readonly version: string
  readonly binaryDirectory: string
  readonly dataDirectory: string
  readonly socketDirectory: string
  readonly port: number
  readonly logFile: string
  postmasterPid(): number
}

/** The newest PostgreSQL that is installed, by its major version. */
function newestVersion(): string {
  const versions = readdirSync(VERSIONS)
    .filter((name) => /^\d+$/.test(name))
    .sort((a, b) => Number(b) - Number(a))
  if (versions[0] === undefined) throw new Error(`no PostgreSQL below ${VERSIONS}`)
  return versions[0]
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

/** Small, so that it fits on a small disk and its WAL fills it soon. */
function settings(cluster: Pick<DemoCluster, 'port' | 'socketDirectory'>): string {
  return `
port = ${cluster.port}
listen_addresses = ''
unix_socket_directories = '${cluster.socketDirectory}'
max_connections = 20
shared_buffers = 16MB
min_wal_size = 2MB
max_wal_size = 16MB
autovacuum = off
log_line_prefix = '%m [%p] %e '
`
}

/** Makes and starts a cluster below `directory`, its data below `volume`. */
export async function makeCluster(identity: Identity, directory: string, volume: string): Promise<DemoCluster> {
  const version = newestVersion()
  const cluster = {
    version,
    binaryDirectory: join(VERSIONS, version, 'bin'),
    dataDirectory: join(volume, 'data'),
    socketDirectory: join(directory, 'sockets'),
    port: await freePort(),
    logFile: join(directory, 'postgresql.log'),
  }
  const runAs = async (program: string, words: readonly string[]) => {
    const [file = '', ...rest] = wordsAs(identity, [join(cluster.binaryDirectory, program), ...words])
    await run(file, rest, { cwd: directory, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } })
  }
  mkdirSync(cluster.socketDirectory)
  chownSync(cluster.socketDirectory, identity.uid, identity.gid)
  await runAs('initdb', ['-D', cluster.dataDirectory, ...INITDB_OPTIONS])
  appendFileSync(join(cluster.dataDirectory, 'postgresql.conf'), settings(cluster))
  await runAs('pg_ctl', ['-D', cluster.dataDirectory, '-l', cluster.logFile, '-s', '-w', 'start'])
  const session = ['-h', cluster.socketDirectory, '-p', String(cluster.port), '-U', 'postgres', '-Xq']
  await runAs('psql', [...session, '-c', 'create role app login', '-c', 'create database app owner app'])
  return { ...cluster, postmasterPid: () => Number(readFileSync(join(cluster.dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0]) }
}

export interface ConfigFacts {
  readonly cluster: DemoCluster
  readonly directory: string
  readonly smtpPort: number
  readonly ballast: string
}

/** The embedded default: everything as by default, but impatient. */
export function writeConfig({ cluster, directory, smtpPort, ballast }: ConfigFacts): string {
  const path = join(directory, 'pgwatch.yaml')
  writeFileSync(
    path,
    `clusters:
  - name: demo
    data_directory: ${cluster.dataDirectory}
    binary_directory: ${cluster.binaryDirectory}
    socket_directory: ${cluster.socketDirectory}
    port: ${cluster.port}
    log_file: ${cluster.logFile}
    service_manager: pg_ctl
    application: { user: app, database: app }
watch: { interval: 2s, confirm_interval: 200ms }
probes:
  timeout: { connection: 1s, authentication: 1s, latency: 2s, write: 2s }
  latency_limit: 1s
  write_interval: 2s
recovery:
  attempts: 6
  cooldown: 1s
  stop: { smart_timeout: 0s, fast_timeout: 2s, immediate_timeout: 2s, kill_timeout: 5s }
  disk: { ballast: ${ballast} }
alerts:
  mail:
    to: dba@example.org
    from: pgwatchd@example.org
    smtp: { host: 127.0.0.1, port: ${smtpPort} }
state_directory: ${join(directory, 'state')}
runtime_directory: ${join(directory, 'run')}
`,
    { mode: 0o644 },
  )
  return path
}
