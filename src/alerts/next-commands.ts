import type { Cause, Command } from '../core/cause.ts'
import type { Cluster } from '../core/cluster.ts'
import type { LoginFacts } from './alert-facts.ts'

type Commands = (cluster: Cluster, login: LoginFacts | undefined) => readonly string[]

/** `psql` as the superuser over the cluster's own socket. */
function psql(cluster: Cluster, statement: string): string {
  return `sudo -u postgres psql -h ${cluster.socketDirectory} -p ${cluster.port} -c "${statement}"`
}

function lookAtLog(cluster: Cluster): string {
  return cluster.logFile === '' ? `ls -ltr ${cluster.dataDirectory}/log` : `sudo tail -n 100 ${cluster.logFile}`
}

function lookAtService(cluster: Cluster): string {
  return cluster.serviceManager === 'systemd'
    ? `systemctl status ${cluster.unit}`
    : `sudo -u postgres ${cluster.binaryDirectory}/pg_ctl status -D ${cluster.dataDirectory}`
}

const LOOK_AT_KERNEL = 'sudo dmesg -T | tail -n 50'

const lookAtProcesses: Commands = () => ['ps -o pid,ppid,stat,wchan:30,lstart,args -u postgres']

const WHO_BLOCKS_WHOM =
  'SELECT pid, pg_blocking_pids(pid), now() - xact_start AS age, state, left(query, 60) ' +
  'FROM pg_stat_activity ORDER BY age DESC NULLS LAST LIMIT 20'

const SLOTS = 'SELECT slot_name, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) FROM pg_replication_slots'

const SESSIONS =
  'SELECT usename, datname, state, count(*), max(now() - state_change) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC'

const CHECKSUM_FAILURES = 'SELECT datname, checksum_failures, checksum_last_failure FROM pg_stat_database'

const HBA_RULES = 'SELECT line_number, type, database, user_name, address, auth_method, error FROM pg_hba_file_rules'

const REFUSED_LOGIN: Readonly<Record<string, Commands>> = {
  '28P01': (cluster, login) => [psql(cluster, `\\password ${login?.user ?? 'USER'}`), psql(cluster, `\\du ${login?.user ?? 'USER'}`)],
  '28000': (cluster) => [psql(cluster, HBA_RULES)],
  '3D000': (cluster) => [psql(cluster, '\\l')],
}

const authBroken: Commands = (cluster, login) => {
  const known = REFUSED_LOGIN[login?.sqlState ?? '']
  if (known !== undefined) return known(cluster, login)
  return [psql(cluster, '\\du'), psql(cluster, HBA_RULES), psql(cluster, '\\l')]
}

const diskFull: Commands = (cluster) => [
  `df -h ${cluster.dataDirectory} && df -i ${cluster.dataDirectory}`,
  `sudo du -xh --max-depth=2 ${cluster.dataDirectory} | sort -h | tail -n 20`,
  psql(cluster, SLOTS),
  psql(cluster, 'SELECT failed_count, last_failed_wal, last_failed_time FROM pg_stat_archiver'),
]

/** What a person runs to see more, by cause; the compiler refuses a missing one. */
const BY_CAUSE: Readonly<Record<Cause, Commands>> = {
  crashed: (cluster) => [lookAtService(cluster), lookAtLog(cluster)],
  'stopped-by-operator': (cluster) => [lookAtService(cluster)],
  starting: (cluster) => [lookAtLog(cluster), 'ps -o pid,stat,time,args -u postgres'],
  'start-stalled': (cluster, login) => [...lookAtProcesses(cluster, login), lookAtLog(cluster), LOOK_AT_KERNEL],
  frozen: lookAtProcesses,
  'storage-hangs': (cluster, login) => [...lookAtProcesses(cluster, login), LOOK_AT_KERNEL, `findmnt -T ${cluster.dataDirectory}`],
  'cannot-be-stopped': (cluster, login) => [...lookAtProcesses(cluster, login), LOOK_AT_KERNEL, `findmnt -T ${cluster.dataDirectory}`],
  'connections-exhausted': (cluster) => [psql(cluster, SESSIONS)],
  'auth-broken': authBroken,
  slow: (cluster) => [psql(cluster, WHO_BLOCKS_WHOM), 'vmstat 1 5'],
  blocked: (cluster) => [psql(cluster, WHO_BLOCKS_WHOM)],
  'read-only': (cluster) => [
    `sudo find ${cluster.dataDirectory} -maxdepth 1 '(' -name '*.signal' -o -name backup_label ')' -ls`,
    psql(cluster, 'SELECT pg_is_in_recovery()'),
    psql(cluster, 'SHOW default_transaction_read_only'),
  ],
  'disk-full': diskFull,
  damaged: (cluster) => [lookAtLog(cluster), psql(cluster, CHECKSUM_FAILURES)],
  'disk-faulty': (cluster) => [LOOK_AT_KERNEL, `findmnt -T ${cluster.dataDirectory}`, lookAtLog(cluster)],
  'configuration-broken': (cluster) => [checkConfiguration(cluster), lookAtLog(cluster)],
  unstartable: (cluster) => [`sudo ls -la ${cluster.dataDirectory}`, lookAtLog(cluster)],
  'wal-damaged': (cluster) => [`sudo ls -l ${cluster.dataDirectory}/pg_wal`],
  'not-ours': (cluster) => [lookAtService(cluster), 'ps -o pid,ppid,user,args -e | grep -E "patroni|pacemaker|repmgr|pg_auto"'],
  'restart-requested': () => ['pgwatchd status', 'pgwatchd incidents last'],
  'restore-requested': () => ['pgwatchd status', 'pgwatchd incidents last', 'pgwatchd backup list'],
  unclear: (cluster) => [lookAtService(cluster), lookAtLog(cluster), 'pgwatchd probe'],
}

function checkConfiguration(cluster: Cluster): string {
  const file = cluster.configFile === '' ? '' : ` -c config_file=${cluster.configFile}`
  return `sudo -u postgres ${cluster.binaryDirectory}/postgres -D ${cluster.dataDirectory}${file} -C data_directory`
}

/** A command that belongs to this very trouble, as a line of a shell. */
export function toShell(cluster: Cluster, command: Command): string {
  if ('shell' in command) return command.shell
  const database = command.database === undefined ? '' : ` -d ${quoteForShell(command.database)}`
  return `sudo -u postgres psql -h ${cluster.socketDirectory} -p ${cluster.port}${database} -c ${quoteForShell(command.sql)}`
}

/** Between double quotes where nothing in the text means anything there, for it is easier to read; else between single ones. */
function quoteForShell(text: string): string {
  if (/^[A-Za-z0-9_]+$/.test(text)) return text
  return /^[^"$`\\!]*$/.test(text) ? `"${text}"` : `'${text.replaceAll("'", `'\\''`)}'`
}

/** Commands for a person to run for a cause, most useful first; each a line of a shell. */
export function commandsFor(cause: Cause | undefined, cluster: Cluster, login: LoginFacts | undefined): readonly string[] {
  return BY_CAUSE[cause ?? 'unclear'](cluster, login)
}
