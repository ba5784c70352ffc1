import { join } from 'node:path'
import type { Cluster } from '../../core/cluster.ts'
import type { CommandRequest } from '../../ports/commands.ts'

/**
 * Makes backends give back the protection from the OOM killer that the postmaster inherits from pgwatchd's unit; the same
 * as PostgreSQL's manual advises for a postmaster with a lowered score.
 */
const OOM_ENVIRONMENT = { PG_OOM_ADJUST_FILE: '/proc/self/oom_score_adj', PG_OOM_ADJUST_VALUE: '0' }

/**
 * `pg_ctl start` without waiting. pg_ctl starts the server in a session of its own, with all output in the log file, so
 * that nothing ties it to pgwatchd. PostgreSQL refuses root: then `owner`, who owns the data directory, is taken.
 */
export function startCommand(
  cluster: Cluster,
  timeoutMs: number,
  owner: { readonly uid: number; readonly gid: number } | undefined,
): CommandRequest {
  const pgCtl = join(cluster.binaryDirectory, 'pg_ctl')
  const start = ['start', '--no-wait', '--pgdata', cluster.dataDirectory, '--log', logFile(cluster), ...serverOptions(cluster)]
  const request = { timeoutMs, workingDirectory: '/', environment: OOM_ENVIRONMENT }
  if (owner === undefined) return { ...request, file: pgCtl, arguments: start }
  const identity = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--init-groups', '--']
  return { ...request, file: 'setpriv', arguments: [...identity, pgCtl, ...start] }
}

/** Output before the server's own logging begins; in the data directory when no log file is known. */
function logFile(cluster: Cluster): string {
  return cluster.logFile === '' ? join(cluster.dataDirectory, 'server.log') : cluster.logFile
}

/** pg_ctl hands the options to a shell: the path is quoted for it. */
function serverOptions(cluster: Cluster): readonly string[] {
  if (cluster.configFile === '') return []
  return ['--options', `-c config_file='${cluster.configFile.replaceAll("'", `'\\''`)}'`]
}
