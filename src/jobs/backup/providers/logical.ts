import type { DatabaseContents } from '../../../core/backup/manifest.ts'
import type { Answer, Session } from '../../../ports/postgres.ts'
import { ask, describeFailure, inSession } from '../../../server/ask.ts'
import type { BackupGround, BackupProvider, Made, Outcome, Refusal, StoredBackup } from '../backup.ts'
import { readContents } from '../contents.ts'
import { listFilesBelow } from '../list-files.ts'
import { loginEnvironment } from '../login-environment.ts'
import { quietly } from '../quietly.ts'

const EXACT_ROWS_AT_MOST = 50_000_000
/** What pg_dump writes, compressed, against the size of the database: never larger than this in practice. */
const DUMP_RATIO = 0.6

export const logical: BackupProvider = {
  kind: 'logical',
  purpose: 'dumps every database in directory format, in parallel and with fast compression, and the roles and tablespaces beside them',
  prepare,
  create,
  verify,
  unpack: async () => refuse('tool', 'a logical backup is not restored into a cluster of its own yet', 'restore it with pg_restore'),
}

async function prepare({ outside }: BackupGround, signal: AbortSignal): Promise<Outcome<{ readonly neededBytes: number }>> {
  const text = 'select sum(pg_catalog.pg_database_size(oid))::text as bytes from pg_catalog.pg_database where datallowconn'
  const answer = await ask(outside, { text, timeoutMs: 60_000, purpose: 'backup' }, signal)
  if (!answer.ok) return refuse('server', describeFailure(answer.failure), '')
  return { ok: true, value: { neededBytes: Math.ceil(Number(answer.value[0]?.['bytes']) * DUMP_RATIO) } }
}

async function create(ground: BackupGround, directory: string, signal: AbortSignal): Promise<Outcome<Made>> {
  const names = await listDatabases(ground, signal)
  if (!names.ok) return names
  const globals = await runTool(ground, 'pg_dumpall', ['--globals-only', '--file', `${directory}/globals.sql`], signal)
  if (!globals.ok) return globals
  const contents: DatabaseContents[] = []
  for (const name of names.value) {
    const dumped = await dumpDatabase(ground, directory, name, signal)
    if (!dumped.ok) return dumped
    contents.push(dumped.value)
  }
  const files = await listFilesBelow(ground.outside.files, directory)
  return { ok: true, value: { startLsn: '', stopLsn: '', base: null, tools: await versions(ground, signal), contents, files } }
}

/** Listing a dump proves nothing: only reading it through finds a file that is cut short, missing or changed. */
async function verify(
  ground: BackupGround,
  { manifest, directory }: StoredBackup,
  signal: AbortSignal,
): Promise<Outcome<{ readonly detail: string }>> {
  for (const { name } of manifest.contents) {
    const read = await runTool(ground, 'pg_restore', ['--file=/dev/null', `${directory}/${encodeURIComponent(name)}`], signal)
    if (!read.ok) return { ...read, code: 'damaged' }
  }
  return { ok: true, value: { detail: `pg_restore read the dumps of ${manifest.contents.length} databases through` } }
}

async function listDatabases({ outside }: BackupGround, signal: AbortSignal): Promise<Outcome<readonly string[]>> {
  const text = 'select datname from pg_catalog.pg_database where datallowconn and not datistemplate order by datname'
  const answer = await ask(outside, { text, timeoutMs: 10_000, purpose: 'backup' }, signal)
  return answer.ok
    ? { ok: true, value: answer.value.map((row) => String(row['datname'])) }
    : refuse('server', describeFailure(answer.failure), '')
}

/** Counts and dump see one snapshot, which the counting session keeps open for the dump. */
async function dumpDatabase(
  ground: BackupGround,
  directory: string,
  database: string,
  signal: AbortSignal,
): Promise<Outcome<DatabaseContents>> {
  const timeoutMs = ground.settings.timeoutMs
  const answer = await inSession(ground.outside, { database, purpose: 'backup' }, signal, async (session) => {
    const snapshot = await exportSnapshot(session, signal)
    if (!snapshot.ok) return snapshot
    const contents = await readContents(session, database, { exactRowsAtMost: EXACT_ROWS_AT_MOST, timeoutMs }, signal)
    const dumped = contents.ok ? await dump(ground, directory, database, snapshot.value, signal) : contents
    return { ok: true, value: dumped.ok ? contents : dumped, tookMs: 0 }
  })
  return answer.ok ? answer.value : refuse('server', `${database}: ${describeFailure(answer.failure)}`, '')
}

async function exportSnapshot(session: Session, signal: AbortSignal): Promise<Answer<string>> {
  const begun = await session.query({ text: 'begin transaction isolation level repeatable read read only', timeoutMs: 10_000 }, signal)
  if (!begun.ok) return begun
  const answer = await session.query({ text: 'select pg_catalog.pg_export_snapshot() as id', timeoutMs: 10_000 }, signal)
  return answer.ok ? { ...answer, value: String(answer.value[0]?.['id']) } : answer
}

async function dump(
  ground: BackupGround,
  directory: string,
  database: string,
  snapshot: string,
  signal: AbortSignal,
): Promise<Outcome<undefined>> {
  const format = ['--format=directory', `--jobs=${ground.settings.jobs}`, '--compress=1', '--create']
  const target = ['--file', `${directory}/${encodeURIComponent(database)}`, `--snapshot=${snapshot}`, '--lock-wait-timeout=60s']
  return runTool(ground, 'pg_dump', [...format, ...target, `--dbname=${quoteConnection(database)}`], signal)
}

/** A name with a blank or an equals sign would be read as a connection string. */
function quoteConnection(database: string): string {
  return `dbname='${database.replaceAll(/[\\']/g, '\\$&')}'`
}

async function runTool(ground: BackupGround, tool: string, options: readonly string[], signal: AbortSignal): Promise<Outcome<undefined>> {
  const { outside, cluster, settings } = ground
  const result = await outside.commands.run(
    {
      ...quietly(`${cluster.binaryDirectory}/${tool}`, options),
      environment: await loginEnvironment(ground),
      timeoutMs: settings.timeoutMs,
    },
    signal,
  )
  if (result.exitCode === 0) return { ok: true, value: undefined }
  const said = result.stderr.trim().split('\n').slice(-3).join('; ')
  return refuse('tool', `${tool} ended with ${result.exitCode ?? result.outcome}: ${said}`, '')
}

async function versions({ outside, cluster }: BackupGround, signal: AbortSignal): Promise<Made['tools']> {
  const asked = await outside.commands.run(
    { file: `${cluster.binaryDirectory}/pg_dump`, arguments: ['--version'], timeoutMs: 10_000 },
    signal,
  )
  return { pg_dump: /\d+(?:\.\d+)*/.exec(asked.stdout)?.[0] ?? 'unknown' }
}

function refuse(code: string, why: string, hint: string): Refusal {
  return { ok: false, code, why, hint }
}
