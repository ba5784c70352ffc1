import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Daemon } from '../../scripts/lib/demo/daemon.ts'
import { startDaemon } from '../../scripts/lib/demo/daemon.ts'
import { findIdentity } from '../../scripts/lib/demo/identity.ts'
import type { TestCluster } from './cluster.ts'
import { ownerOf } from './cluster-processes.ts'
import type { SmtpSink } from './smtp-sink.ts'
import { startSmtpSink } from './smtp-sink.ts'

interface Teardown {
  teardown(handler: () => unknown): unknown
}

export interface Watched {
  readonly test: TestCluster
  readonly daemon: Daemon
  readonly sink: SmtpSink
  /** Resolves with the time at which a line of pgwatchd's log said that; rejects after a minute. */
  said(event: RegExp, sinceMs: number): Promise<number>
  /** Resolves when a statement succeeds; the milliseconds since `sinceMs`. */
  served(sql: string, sinceMs: number): Promise<number>
}

/** The real daemon over a cluster, with everything as by default but what `recovery` says. */
export async function watch(t: Teardown, test: TestCluster, recovery: string): Promise<Watched> {
  const { cluster, directory } = test
  const sink = await startSmtpSink()
  const config = `${directory}/pgwatch.yaml`
  const { uid, gid } = ownerOf('postgres')
  for (const name of ['state', 'runtime']) {
    mkdirSync(`${directory}/${name}`)
    chownSync(`${directory}/${name}`, uid, gid)
  }
  writeFileSync(
    config,
    `clusters:
  - { name: test, data_directory: ${cluster.dataDirectory}, binary_directory: ${cluster.binaryDirectory}, socket_directory: ${cluster.socketDirectory},
      port: ${cluster.port}, log_file: ${cluster.logFile}, service_manager: pg_ctl, application: { user: app, database: app } }
recovery: { cooldown: 1s, ${recovery} }
alerts: { mail: { to: dba@example.org, from: pgwatchd@example.org, smtp: { host: 127.0.0.1, port: ${sink.port} } } }
state_directory: ${directory}/state
runtime_directory: ${directory}/runtime
`,
    { mode: 0o644 },
  )
  const daemon = await startDaemon(findIdentity(), config, directory, SILENT)
  t.teardown(async () => {
    await daemon.stop()
    await sink.close()
  })
  return { test, daemon, sink, ...createWaiting(test, daemon) }
}

const SILENT = { say() {}, heading() {}, tell() {}, fact() {}, table() {}, abbreviate() {} }

function createWaiting(test: TestCluster, daemon: Daemon): Pick<Watched, 'said' | 'served'> {
  return {
    async said(event, sinceMs) {
      const found = await until(() => daemon.lines.find((line) => line.atMs >= sinceMs && event.test(`${line.event} ${line.message}`)))
      return found.atMs
    },
    served: (sql, sinceMs) =>
      until(async () => {
        const done = await test.psql(sql).then(
          () => true,
          () => false,
        )
        return done ? performance.now() - sinceMs : undefined
      }),
  }
}

export async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const endMs = performance.now() + 60_000; performance.now() < endMs; await sleep(50)) {
    const seen = await look()
    if (seen !== undefined) return seen
  }
  throw new Error('it did not come to that within a minute')
}
