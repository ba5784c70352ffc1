import { writeFile } from 'node:fs/promises'
import type { HostParts } from '../../src/daemon/compose.ts'
import { readConfig } from '../../src/daemon/read-config.ts'
import { createReleasers } from '../../src/daemon/releasers.ts'
import { startDaemon } from '../../src/daemon/start.ts'
import type { Watch } from '../../src/daemon/watch.ts'
import type { LogEntry } from '../../src/ports/log.ts'
import type { Mail } from '../../src/ports/mailer.ts'
import type { Host } from '../../src/ports/outside.ts'
import { createFakeControlSocket } from '../fakes/control-socket.ts'
import { createFakeLog } from '../fakes/log.ts'
import { createFakeMailer } from '../fakes/mailer.ts'
import { createOutside } from '../recovery/real-ground.ts'
import type { TestCluster } from './cluster.ts'
import { waitUntil } from './cluster-processes.ts'

/** The whole of pgwatchd, in this process, in front of a real cluster; only mail, journal and control socket are fakes. */
export interface RealDaemon {
  readonly watch: Watch
  readonly journal: readonly LogEntry[]
  /** Mails that arrived. */
  readonly mails: readonly Mail[]
}

interface Teardown {
  teardown(handler: () => Promise<void>): unknown
}

/** Starts it with lines of configuration added; resolves when it has found all well. It ends with the test. */
export async function startRealDaemon(t: Teardown, made: TestCluster, yaml: string): Promise<RealDaemon> {
  const [configFile, mailer, log] = [`${made.directory}/pgwatch.yaml`, createFakeMailer(), createFakeLog()]
  await writeFile(configFile, configurationOf(made, yaml))
  const outside = { ...createOutside(made, `${made.directory}/run`), log }
  const read = await readConfig(configFile, outside.files)
  if (!read.ok) throw new Error(read.problems.join('\n'))
  const [stop, abort, releasers] = [new AbortController(), new AbortController(), createReleasers()]
  const ground = {
    parts: partsOf(outside),
    outsides: { of: () => outside, close: async () => {} },
    mailerFor: () => mailer,
    calendar: () => ({ problemOf: async () => undefined, at: async () => ({ nextWallMs: () => undefined, end: async () => {} }) }),
    signals: { stop: stop.signal, abort: abort.signal, onReload: () => undefined },
    configFile,
    process: { pid: process.pid, startedWallMs: () => Date.now() },
  }
  const { fleet, finish } = await startDaemon(ground, read.config, read.warnings, releasers)
  t.teardown(async () => {
    stop.abort()
    await finish()
    await releasers.release()
  })
  const [watch] = fleet.watches()
  if (watch === undefined) throw new Error('no cluster is watched')
  await waitUntil('all is well', () => watch.state.mode === 'healthy' && watch.lastTickWallMs !== undefined)
  return { watch, journal: log.entries, mails: mailer.sent }
}

function partsOf(host: Host): HostParts {
  const notifier = { ready() {}, status() {}, reloading() {}, stopping() {}, extendTimeout() {}, alive() {}, aliveIntervalMs: undefined }
  const fakes = { notifier, controlSocket: createFakeControlSocket(), environment: {} }
  return { host, hostName: 'db1', ...fakes, withLog: () => partsOf(host) }
}

/** What a host's file says of that cluster, with lines added. */
export function configurationOf({ cluster, directory }: TestCluster, yaml: string): string {
  return `clusters:
  - name: ${cluster.name}
    data_directory: ${cluster.dataDirectory}
    binary_directory: ${cluster.binaryDirectory}
    socket_directory: ${cluster.socketDirectory}
    port: ${cluster.port}
    log_file: ${cluster.logFile}
    service_manager: pg_ctl
    application: { user: app, database: app }
alerts: { mail: { to: [dba@example.org] } }
state_directory: ${directory}/state
runtime_directory: ${directory}/runtime
${yaml}`
}
