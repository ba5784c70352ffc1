import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { APPLICATION_PASSWORD, makeCluster } from '../../test/support/cluster.ts'
import type { TestCluster } from '../../test/support/cluster.ts'
import { findIdentity } from '../lib/demo/identity.ts'
import type { Identity } from '../lib/demo/identity.ts'
import { installProgram } from './program.ts'
import type { Program } from './program.ts'

/** A real cluster and the program that is to watch it. */
export interface Stage {
  readonly identity: Identity
  readonly server: TestCluster
  readonly program: Program
  /** As the defaults are, but for what a throwaway cluster needs. */
  readonly config: string
  /** With more attempts than ten crashes take. */
  readonly crashConfig: string
  readonly runtimeDirectory: string
  /** What the service manager gives a service. */
  readonly environment: Readonly<Record<string, string>>
  remove(): Promise<void>
}

function renderConfig(server: TestCluster, recovery: string): string {
  const { cluster, directory } = server
  return `
state_directory: ${directory}/state
runtime_directory: ${directory}/pgwatchd
clusters:
  - name: bench
    data_directory: ${cluster.dataDirectory}
    binary_directory: ${cluster.binaryDirectory}
    socket_directory: ${cluster.socketDirectory}
    port: ${cluster.port}
    log_file: ${cluster.logFile}
    service_manager: pg_ctl
    application: { user: app, database: app, password_file: ${directory}/password }
${recovery}`
}

function writeOwned(identity: Identity, path: string, content: string): string {
  writeFileSync(path, content, { mode: 0o600 })
  chownSync(path, identity.uid, identity.gid)
  return path
}

function makeOwned(identity: Identity, path: string): string {
  mkdirSync(path)
  chownSync(path, identity.uid, identity.gid)
  return path
}

/** Runs pgwatchd to its end as its user. */
function runOnce({ identity, program }: Pick<Stage, 'identity' | 'program'>, words: readonly string[]): void {
  const [file = '', ...rest] = asUser(identity, [program.launcher, ...words])
  execFileSync(file, rest, { cwd: '/', env: {}, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** The words that run `words` as that user, and end it when this program ends in any way. */
export function asUser(identity: Identity, words: readonly string[]): readonly string[] {
  const user = identity.isRoot ? [`--reuid=${identity.uid}`, `--regid=${identity.gid}`, '--init-groups'] : []
  return ['/usr/bin/setpriv', ...user, '--pdeathsig=KILL', '--', ...words]
}

/**
 * A cluster as a host has it: durable, password for the application, the write probe set up. Removed by `remove`, or when
 * this program ends.
 */
export async function makeStage(): Promise<Stage> {
  const identity = findIdentity()
  const teardowns: (() => Promise<void>)[] = []
  const server = await makeCluster({ teardown: (handler) => teardowns.push(handler) }, { authentication: 'scram-sha-256', fsync: true })
  const { directory } = server
  const program = installProgram(join(directory, 'program'))
  const config = writeOwned(identity, join(directory, 'pgwatch.yaml'), renderConfig(server, ''))
  const crashConfig = writeOwned(identity, join(directory, 'crash.yaml'), renderConfig(server, 'recovery: { attempts: 20 }\n'))
  writeOwned(identity, join(directory, 'password'), `${APPLICATION_PASSWORD}\n`)
  for (const name of ['state', 'pgwatchd']) makeOwned(identity, join(directory, name))
  runOnce({ identity, program }, ['setup-database', '--config', config])
  return {
    identity,
    server,
    program,
    config,
    crashConfig,
    runtimeDirectory: join(directory, 'pgwatchd'),
    environment: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', CACHE_DIRECTORY: makeOwned(identity, join(directory, 'cache')) },
    remove: async () => {
      for (const teardown of teardowns) await teardown()
    },
  }
}
