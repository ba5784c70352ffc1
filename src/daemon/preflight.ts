import { findDataDirectoryFault } from '../server/data-directory-fault.ts'
import { ask, describeFailure } from '../server/ask.ts'
import type { BackupDesk } from './backup-desk.ts'
import { findForeignOwner } from './foreign-owner.ts'
import { findRefusals } from './find-refusals.ts'
import { look } from './tick.ts'
import type { Watch } from './watch.ts'

/** One thing that is looked at before a server that serves is stopped. */
export interface PreflightCheck {
  readonly name: string
  /** `stop`: the restart is not begun; `tell`: what it is going to cost. */
  readonly verdict: 'pass' | 'tell' | 'stop'
  readonly detail: string
}

const QUESTION_TIMEOUT_MS = 5_000
/** Troubles of a server that serves all the same, and in which a restart does no harm. */
const ALLOWED_CAUSES = ['auth-broken', 'slow', 'blocked', 'connections-exhausted']
const SIGNAL_FILES = ['standby.signal', 'recovery.signal']

const WORK = `
  select (select count(*) from pg_catalog.pg_stat_activity where backend_type = 'client backend' and pid <> pg_catalog.pg_backend_pid())::int as sessions,
         (select count(*) from pg_catalog.pg_stat_activity where backend_type = 'client backend' and state <> 'idle' and pid <> pg_catalog.pg_backend_pid())::int as working,
         (select coalesce(extract(epoch from pg_catalog.clock_timestamp() - min(xact_start)), 0) from pg_catalog.pg_stat_activity
           where backend_type = 'client backend' and pid <> pg_catalog.pg_backend_pid())::int as longest_s,
         (select count(*) from pg_catalog.pg_stat_replication where application_name not like 'pg_basebackup%')::int as standbys,
         (select count(*) from pg_catalog.pg_stat_progress_basebackup)::int as copies,
         pg_catalog.pg_is_in_recovery() as in_recovery`

/** Looks only. Whatever says `stop` would make the restart fail, or cost more than the time of a restart. */
export async function lookBeforeRestart(watch: Watch, desk: BackupDesk, signal: AbortSignal): Promise<readonly PreflightCheck[]> {
  const work = await lookAtWork(watch, signal)
  return [
    await lookAtHealth(watch),
    await lookAtOwner(watch, signal),
    lookAtBackups(watch, desk),
    await lookAtConfiguration(watch),
    await lookAtDataDirectory(watch),
    ...work,
  ]
}

async function lookAtHealth(watch: Watch): Promise<PreflightCheck> {
  const { cause, verdict } = (await look(watch)).assessment
  if (cause === undefined) return { name: 'health', verdict: 'pass', detail: 'the server serves' }
  return { name: 'health', verdict: ALLOWED_CAUSES.includes(cause) ? 'tell' : 'stop', detail: verdict }
}

async function lookAtOwner(watch: Watch, signal: AbortSignal): Promise<PreflightCheck> {
  const owner = await findForeignOwner(watch, signal)
  return { name: 'owner', verdict: owner === undefined ? 'pass' : 'stop', detail: owner ?? 'nobody else owns it' }
}

function lookAtBackups(watch: Watch, desk: BackupDesk): PreflightCheck {
  const running = desk.running(watch)
  if (running === undefined) return { name: 'backups', verdict: 'pass', detail: 'pgwatchd makes none now' }
  return { name: 'backups', verdict: 'stop', detail: `pgwatchd is ${running.what}` }
}

async function lookAtConfiguration(watch: Watch): Promise<PreflightCheck> {
  const refusals = await findRefusals(watch)
  if (refusals.length > 0) return { name: 'configuration', verdict: 'stop', detail: `the start would fail: ${refusals.join('; ')}` }
  return { name: 'configuration', verdict: 'pass', detail: 'the server accepts its files' }
}

async function lookAtDataDirectory({ cluster, outside }: Watch): Promise<PreflightCheck> {
  const fault = await findDataDirectoryFault(cluster, outside.files)
  return { name: 'data directory', verdict: fault === '' ? 'pass' : 'stop', detail: fault || `${cluster.dataDirectory} is whole` }
}

async function lookAtWork({ cluster, outside }: Watch, signal: AbortSignal): Promise<readonly PreflightCheck[]> {
  const answer = await ask(outside, { text: WORK, timeoutMs: QUESTION_TIMEOUT_MS, purpose: 'health' }, signal)
  if (!answer.ok) return [{ name: 'sessions', verdict: 'stop', detail: describeFailure(answer.failure) }]
  const row = answer.value[0] ?? {}
  const [sessions, working, longestS, standbys, copies] = ['sessions', 'working', 'longest_s', 'standbys', 'copies'].map((name) =>
    Number(row[name]),
  ) as [number, number, number, number, number]
  if ([sessions, working, longestS, standbys, copies].some((count) => !Number.isFinite(count)))
    return [{ name: 'sessions', verdict: 'stop', detail: 'the server answered something else than was asked' }]
  const signals = row['in_recovery'] === true ? [] : await present(outside.files, cluster.dataDirectory)
  return [
    {
      name: 'sessions',
      verdict: working > 0 ? 'tell' : 'pass',
      detail: `${sessions} end, ${working} of them at work, the oldest transaction for ${longestS} s`,
    },
    { name: 'standbys', verdict: standbys > 0 ? 'tell' : 'pass', detail: `${standbys} are cut off and connect again by themselves` },
    {
      name: 'copies',
      verdict: copies > 0 ? 'stop' : 'pass',
      detail: copies > 0 ? `${copies} base backups are under way, and would be lost` : 'no base backup is under way',
    },
    {
      name: 'signal files',
      verdict: signals.length > 0 ? 'stop' : 'pass',
      detail: signals.length > 0 ? `with ${signals.join(' and ')} it would come back as a standby` : 'none is left over',
    },
  ]
}

async function present(files: Watch['outside']['files'], dataDirectory: string): Promise<readonly string[]> {
  const found = await Promise.all(SIGNAL_FILES.map(async (name) => ((await files.status(`${dataDirectory}/${name}`)) ? [name] : [])))
  return found.flat()
}
