import type { Cluster } from '../../core/cluster.ts'
import type { Finding } from '../../core/facts.ts'
import type { Processes, ProcessStatus } from '../../ports/processes.ts'
import { programOf } from './names.ts'

/** Somebody who merely stands in the directory or reads a log there does not work on the data. */
const ONLOOKERS = new Set('bash sh dash zsh fish screen tmux sudo su psql less more tail watch pg_ctl pg_ctlcluster systemd'.split(' '))

/** Programs that copy, check or rewrite a data directory that they are told by name. */
const WORKERS = new Set([
  'pg_basebackup',
  'pg_checksums',
  'pg_upgrade',
  'pg_rewind',
  'pg_resetwal',
  'pg_combinebackup',
  'pg_verifybackup',
  'pgbackrest',
  'barman',
  'rsync',
  'tar',
  'cp',
  'mv',
  'chown',
  'restic',
  'borg',
])

export interface DataDirectoryUserQuestion {
  readonly cluster: Cluster
  readonly processes: Processes
  /** Every process of this host. */
  readonly everybody: readonly ProcessStatus[]
  /** When the server last served, as far as this daemon saw it. */
  readonly servedMonotonicMs: number | undefined
}

/** Who works in the data directory of a server that is down. */
export interface DataDirectoryUser {
  readonly user: Finding<string>
  /** It began while the server still served: what it copies is a running cluster, and a crash has broken that off. */
  readonly isHot: boolean
}

const TICKS_PER_SECOND = 100
/** The last look at which the server served is that much older than its end, at most. */
const SLACK_MS = 2_000

/** A program that works in the data directory: by its open files where they may be seen, otherwise by its command line. */
export function findDataDirectoryUser(question: DataDirectoryUserQuestion): DataDirectoryUser {
  const { cluster, processes, everybody } = question
  const inside = processes.using(cluster.dataDirectory).filter((process) => !ONLOOKERS.has(programOf(process)))
  const told = everybody.filter((process) => WORKERS.has(programOf(process)) && isTold(process, cluster.dataDirectory))
  const found = [...inside, ...told]
  const chosen = found.find((process) => !isOlder(question, process)) ?? found[0]
  if (chosen === undefined) return { user: { status: 'none' }, isHot: false }
  return { user: { status: 'found', value: `${programOf(chosen)} (pid ${chosen.pid})` }, isHot: isOlder(question, chosen) }
}

/** Programs of other users that copy or rewrite directories, by name: whose open file it may be that is seen. */
export function suspectWorkers(everybody: readonly ProcessStatus[], owner: number | undefined): readonly string[] {
  return everybody
    .filter((process) => process.uid !== owner && WORKERS.has(programOf(process)))
    .map((process) => `${programOf(process)}, pid ${process.pid}`)
}

function isOlder({ servedMonotonicMs }: DataDirectoryUserQuestion, { startTimeTicks }: ProcessStatus): boolean {
  return servedMonotonicMs !== undefined && (startTimeTicks * 1000) / TICKS_PER_SECOND < servedMonotonicMs - SLACK_MS
}

/**
 * The directory itself, something in it, or a directory that holds it and little else; of a program whose working directory may not
 * be seen also a relative path that ends as the directory's does.
 */
function isTold({ commandLine, workingDirectory }: ProcessStatus, directory: string): boolean {
  const holders = [directory, parentOf(directory), parentOf(parentOf(directory))].filter((path) => path.split('/').length > NEAR_THE_ROOT)
  const isRelative = (word: string): boolean => workingDirectory === undefined && !word.startsWith('/') && endsWithPath(directory, word)
  return commandLine
    .split(' ')
    .map((word) => (word.includes('=') ? word.slice(word.indexOf('=') + 1) : word).replace(/(.)\/+$/, '$1'))
    .some((word) => word.startsWith(`${directory}/`) || holders.includes(word) || isRelative(word))
}

/** "/", "/var" and "/var/lib" hold too much: a backup of the whole host is no work on this directory. */
const NEAR_THE_ROOT = 3

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function endsWithPath(directory: string, word: string): boolean {
  const relative = word.replace(/^\.\//, '')
  return relative !== '' && relative !== '.' && directory.endsWith(`/${relative}`)
}
