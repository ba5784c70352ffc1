import { execFile } from 'node:child_process'
import { appendFile, chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Cluster } from '../../src/core/cluster.ts'
import { killServers, ownerOf, serversIn, startTimeTicks, sweepAbandoned } from './cluster-processes.ts'

const run = promisify(execFile)

/** Where Debian keeps the programs of the PostgreSQL that the tests use. */
export const BINARY_DIRECTORY = '/usr/lib/postgresql/15/bin'
export const APPLICATION_PASSWORD = 'correct horse battery staple'

export interface ClusterOptions {
  /** Default true. */
  readonly checksums?: boolean
  /** Default false: a power cut is not part of most tests. */
  readonly fsync?: boolean
  /** How the user `app` logs in; `postgres` is always trusted. Default `trust`. */
  readonly authentication?: 'trust' | 'scram-sha-256'
  /** Also listens on 127.0.0.1. Default false. */
  readonly tcp?: boolean
  /** Lines of postgresql.conf, the last word. */
  readonly settings?: Readonly<Record<string, string | number>>
  /** An existing directory that takes the data directory (a small volume); default: the throwaway directory. */
  readonly parent?: string
  /** More words for initdb. */
  readonly initdb?: readonly string[]
  /** Default true. */
  readonly start?: boolean
}

/** A throwaway cluster: user `app` (may log in to database `app`, which it owns nothing of), superuser `postgres`. */
export interface TestCluster {
  readonly cluster: Cluster
  /** Holds everything but a data directory with another `parent`; removed at the end of the test. */
  readonly directory: string
  /** `pg_ctl start`; resolves when the server accepts connections. `wait: false`: as soon as the postmaster was launched. */
  start(options?: { readonly wait?: boolean }): Promise<void>
  stop(mode?: 'smart' | 'fast' | 'immediate'): Promise<void>
  /**
   * SIGKILL to the postmaster and then to every other process of this cluster; resolves when all are dead and, unless
   * `reaped` is false, when they can be started again (init may take seconds to reap them).
   */
  kill(options?: { readonly reaped?: boolean }): Promise<void>
  /** Sends one signal to the postmaster alone. */
  signalPostmaster(signal: NodeJS.Signals): Promise<void>
  /** From postmaster.pid; rejects when there is none. */
  postmasterPid(): Promise<number>
  /** Runs SQL by psql, by default as `postgres` in `app`; the rows as unaligned text without headers. */
  psql(sql: string, options?: { readonly database?: string; readonly user?: string }): Promise<string>
  /** Runs a program as the operating-system user that owns the cluster. */
  runAsOwner(file: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }>
  /** Appends lines to postgresql.conf; takes effect at the next start or reload. */
  configure(settings: Readonly<Record<string, string | number>>): Promise<void>
}

interface Teardown {
  teardown(handler: () => Promise<void>): unknown
}

const ENVIRONMENT = { PATH: `${BINARY_DIRECTORY}:/usr/bin:/bin:/usr/sbin:/sbin`, LC_ALL: 'C', TZ: 'UTC', HOME: '/tmp' }

/** PostgreSQL refuses to run as root, so as root everything runs as `postgres`. */
async function runAsOwner(file: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const [program, programArguments] =
    process.getuid?.() === 0
      ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--init-groups', '--', file, ...args]]
      : [file, [...args]]
  return run(program, programArguments, { env: ENVIRONMENT, cwd: '/tmp', maxBuffer: 64 << 20 })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

async function makeDirectories(): Promise<{ directory: string; sockets: string }> {
  const directory = await mkdtemp(`/tmp/pgwatchd-test-${process.pid}-${startTimeTicks(process.pid)}-`)
  const sockets = join(directory, 'run')
  await mkdir(sockets)
  await chmod(directory, 0o755)
  const owner = ownerOf('postgres')
  if (process.getuid?.() === 0) for (const path of [directory, sockets]) await chown(path, owner.uid, owner.gid)
  return { directory, sockets }
}

function settingLines(settings: Readonly<Record<string, string | number>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`)
    .join('')
}

function defaultSettings(cluster: Cluster, options: ClusterOptions): Record<string, string | number> {
  return {
    port: cluster.port,
    listen_addresses: options.tcp === true ? '127.0.0.1' : '',
    unix_socket_directories: cluster.socketDirectory,
    fsync: options.fsync === true ? 'on' : 'off',
    shared_buffers: '16MB',
    max_connections: 20,
    autovacuum_naptime: '1h',
    log_line_prefix: '%m [%p] %e ',
    ...options.settings,
  }
}

async function initialize(cluster: Cluster, options: ClusterOptions): Promise<void> {
  const checksums = options.checksums === false ? [] : ['--data-checksums']
  const common = ['-U', 'postgres', '-A', 'trust', '-N', '--no-instructions', '-E', 'UTF8', '--locale=C']
  await runAsOwner(join(BINARY_DIRECTORY, 'initdb'), ['-D', cluster.dataDirectory, ...common, ...checksums, ...(options.initdb ?? [])])
  await appendFile(join(cluster.dataDirectory, 'postgresql.conf'), settingLines(defaultSettings(cluster, options)))
  const method = options.authentication ?? 'trust'
  const rules = [
    'local all,replication postgres trust',
    `local all all ${method}`,
    'host all postgres 127.0.0.1/32 trust',
    `host all all 127.0.0.1/32 ${method}`,
  ]
  await writeFile(join(cluster.dataDirectory, 'pg_hba.conf'), `${rules.join('\n')}\n`)
}

async function createApplication(cluster: TestCluster): Promise<void> {
  await cluster.psql(`create role app login password '${APPLICATION_PASSWORD}'`, { database: 'postgres' })
  await cluster.psql('create database app', { database: 'postgres' })
}

function describe(dataDirectory: string, directory: string, sockets: string, port: number): Cluster {
  return {
    name: 'test',
    majorVersion: 15,
    dataDirectory,
    binaryDirectory: BINARY_DIRECTORY,
    socketDirectory: sockets,
    port,
    configFile: '',
    logFile: join(directory, 'postgresql.log'),
    serviceManager: 'pg_ctl',
    unit: '',
  }
}

/** The same of a cluster that is there already; `directory` holds everything of it. */
export function controlCluster(cluster: Cluster, directory: string): TestCluster {
  const pgCtl = (...args: string[]) => runAsOwner(join(BINARY_DIRECTORY, 'pg_ctl'), ['-D', cluster.dataDirectory, '-s', ...args])
  const postmasterPid = async () => Number((await readFile(join(cluster.dataDirectory, 'postmaster.pid'), 'utf8')).split('\n')[0])
  return {
    cluster,
    directory,
    postmasterPid,
    runAsOwner,
    async start({ wait = true } = {}) {
      await pgCtl('-l', cluster.logFile, ...(wait ? ['-w', '-t', '60'] : ['-W']), 'start')
    },
    async stop(mode = 'fast') {
      await pgCtl('-w', '-t', '60', '-m', mode, 'stop')
    },
    async kill({ reaped = true } = {}) {
      await killServers(cluster.dataDirectory, { reaped })
    },
    async signalPostmaster(signal) {
      process.kill(await postmasterPid(), signal)
    },
    async psql(sql, { database = 'app', user = 'postgres' } = {}) {
      const session = ['-h', cluster.socketDirectory, '-p', String(cluster.port), '-U', user, '-d', database]
      const { stdout } = await runAsOwner(join(BINARY_DIRECTORY, 'psql'), ['-XAtq', '-v', 'ON_ERROR_STOP=1', ...session, '-c', sql])
      return stdout.trimEnd()
    },
    async configure(settings) {
      await appendFile(join(cluster.dataDirectory, 'postgresql.conf'), settingLines(settings))
    },
  }
}

/** Nothing survives: not after a failed test, not after Ctrl-C (the exit handler), not after SIGKILL (the next test sweeps). */
function removeAtEnd(t: Teardown, made: { directory: string; dataDirectory: string }): void {
  const removeNow = () => {
    for (const server of serversIn(made.dataDirectory)) process.kill(server.pid, 'SIGKILL')
    for (const path of [made.dataDirectory, made.directory]) rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  }
  process.once('exit', removeNow)
  t.teardown(async () => {
    process.removeListener('exit', removeNow)
    await killServers(made.dataDirectory, { reaped: false })
    for (const path of [made.dataDirectory, made.directory]) await rm(path, { recursive: true, force: true, maxRetries: 5 })
  })
}

/**
 * Makes a throwaway cluster of PostgreSQL 15 with its own socket directory and a free port, started unless told
 * otherwise. It is killed and removed when the test ends, however it ends.
 */
export async function makeCluster(t: Teardown, options: ClusterOptions = {}): Promise<TestCluster> {
  await sweepAbandoned()
  const { directory, sockets } = await makeDirectories()
  const dataDirectory = join(options.parent ?? directory, 'data')
  removeAtEnd(t, { directory, dataDirectory })
  const cluster = describe(dataDirectory, directory, sockets, await freePort())
  await initialize(cluster, options)
  const made = controlCluster(cluster, directory)
  await made.start()
  await createApplication(made)
  if (options.start === false) await made.stop()
  return made
}
