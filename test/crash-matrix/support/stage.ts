import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import type { Cluster } from '../../../src/core/cluster.ts'
import { ownerOf } from '../../support/cluster-processes.ts'
import { controlCluster, type TestCluster } from '../../support/cluster.ts'

/** What a run needs to know of its stage; plain data, for it is handed to another process. */
export interface StagePlan {
  /** Everything of a run but the data directory is below it: the server's log and sockets, pgwatchd's state and configuration. */
  readonly directory: string
  /** Holds the data directory. */
  readonly volume: string
  readonly cluster: Cluster
  /** The words that start pgwatchd. */
  readonly program: readonly string[]
}

/** One throwaway host: a stopped cluster, and pgwatchd beside it. */
export interface Stage extends StagePlan {
  readonly server: TestCluster
  readonly stateDirectory: string
  readonly runtimeDirectory: string
  readonly configFile: string
  readonly owner: { readonly uid: number; readonly gid: number }
}

const MAKE_OWN_COPY = `
  mount -t tmpfs -o mode=755 stage /mnt
  cp -a "$1/." /mnt/
  mount --move /mnt "$1"
  if [ "$3" = small ]; then
    truncate -s 96M "$1/volume.ext4"
    mkfs.ext4 -q -m 0 "$1/volume.ext4"
    mount -o loop "$1/volume.ext4" /mnt
    chown postgres: /mnt
  else
    mount -t tmpfs -o mode=755,uid=postgres,gid=postgres volume /mnt
  fi
  cp -a "$2/." /mnt/
  mount --move /mnt "$2"`

/** A stage as one kind of damage needs it. */
export interface StageOptions {
  /** Lines for pgwatchd's configuration. */
  readonly configuration?: readonly string[]
  /** `small`: a file system of its own that can be filled. */
  readonly volume?: 'small'
}

/** Lays a private copy of the template over the template itself, so that every run sees the same paths. */
export function enterStage(plan: StagePlan, { configuration = [], volume }: StageOptions): Stage {
  execFileSync('sh', ['-ec', MAKE_OWN_COPY, 'copy', plan.directory, plan.volume, volume ?? ''])
  const stage = describeStage(plan)
  writeOwned(stage, stage.configFile, renderConfiguration(stage, configuration))
  return stage
}

export function describeStage(plan: StagePlan): Stage {
  const { directory, cluster } = plan
  return {
    ...plan,
    server: controlCluster(cluster, directory),
    stateDirectory: `${directory}/state`,
    runtimeDirectory: `${directory}/pgwatchd`,
    configFile: `${directory}/pgwatch.yaml`,
    owner: ownerOf('postgres'),
  }
}

export function makeOwned({ owner }: Stage, path: string): string {
  mkdirSync(path)
  chownSync(path, owner.uid, owner.gid)
  return path
}

export function writeOwned({ owner }: Stage, path: string, content: string): string {
  writeFileSync(path, content, { mode: 0o600 })
  chownSync(path, owner.uid, owner.gid)
  return path
}

/** The defaults, made impatient; no mail server answers, so that every mail stays in the outbox. */
export function renderConfiguration({ directory, cluster }: StagePlan, more: readonly string[]): string {
  const lines = [
    `state_directory: ${directory}/state`,
    `runtime_directory: ${directory}/pgwatchd`,
    'clusters:',
    '  - name: matrix',
    `    data_directory: ${cluster.dataDirectory}`,
    `    binary_directory: ${cluster.binaryDirectory}`,
    `    socket_directory: ${cluster.socketDirectory}`,
    `    port: ${String(cluster.port)}`,
    `    log_file: ${cluster.logFile}`,
    '    service_manager: pg_ctl',
    '    application: { user: app, database: app }',
    'watch: { interval: 1s, confirm_interval: 200ms, operator_stop: { grace: 1s } }',
    'probes: { timeout: { connection: 1s, authentication: 1s, latency: 1s, write: 1s }, latency_limit: 800ms, write_interval: 1s }',
    'alerts: { mail: { to: dba@example.org, from: pgwatchd@example.org, smtp: { host: 127.0.0.1, port: 9 } } }',
    'recovery:',
    '  cooldown: 1s',
    '  cooldown_max: 2s',
    '  stop: { smart_timeout: 0s, fast_timeout: 2s, immediate_timeout: 2s, kill_timeout: 5s }',
    ...more,
  ]
  return `${lines.join('\n')}\n`
}
