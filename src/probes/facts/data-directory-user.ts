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

/** The name of a program that works in the data directory, of this user's or told by its command line. */
export function findDataDirectoryUser(cluster: Cluster, processes: Processes, everybody: readonly ProcessStatus[]): Finding<string> {
  const inside = processes
    .using(cluster.dataDirectory)
    .map(programOf)
    .find((name) => !ONLOOKERS.has(name))
  const told = everybody.filter((process) => names(process, cluster.dataDirectory)).map(programOf)
  const value = inside ?? told.find((name) => WORKERS.has(name))
  return value === undefined ? { status: 'none' } : { status: 'found', value }
}

function names({ commandLine }: ProcessStatus, directory: string): boolean {
  return commandLine.split(' ').some((word) => word === directory || word.startsWith(`${directory}/`) || word.endsWith(`=${directory}`))
}
