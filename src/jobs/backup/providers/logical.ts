import type { DatabaseContents } from '../../../core/backup/manifest.ts'
import type { Answer, Session } from '../../../ports/postgres.ts'
import { ask, describeFailure, inSession } from '../../../server/ask.ts'
import type { BackupGround, BackupProvider, Made, Outcome, StoredBackup } from '../backup.ts'
import { readContents } from '../contents.ts'
import { dumpName, quoteConnection } from '../dump-name.ts'
import { listFilesBelow } from '../list-files.ts'
import { refuse } from '../refuse.ts'
import { runTool, versionOf } from '../run-tool.ts'
import { unpackDumps } from '../unpack-dumps.ts'

const EXACT_ROWS_AT_MOST = 50_000_000
/** What pg_dump writes, compressed, against the size of the database: never larger than this in practice. */
const DUMP_RATIO = 0.6

export const logical: BackupProvider = {
  kind: 'logical',
  purpose: 'dumps every database in directory format, in parallel and with fast compression, and the roles and tablespaces beside them',
  prepare,
  create,
  verify,
  unpack: unpackDumps,
}

async function prepare({ outside }: BackupGround, signal: AbortSignal): Promise<Outcome<{ readonly neededBytes: number }>> {
  const text = 'select sum(pg_catalog.pg_database_size(oid))::text as bytes from pg_catalog.pg_database where datallowconn'
  const answer = await ask(outside, { text, timeoutMs: 60_000, purpose: 'backup' }, signal)
  if (!answer.ok) return refuse('server', describeFailure(answer.failure))
  return { ok: true, value: { neededBytes: Math.ceil(Number(answer.value[0]?.['bytes']) * DUMP_RATIO) } }
}

async function create(ground: BackupGround, directory: string, signal: AbortSignal): Promise<Outcome<Made>> {
  const names = await listDatabases(ground, signal)
  if (!names.ok) return names
  for (const [part, file] of [
    ['--roles-only', 'roles.sql'],
    ['--tablespaces-only', 'tablespaces.sql'],
  ] as const) {
    const dumped = await runTool(ground, { tool: 'pg_dumpall', options: [part, '--file', `${directory}/${file}`] }, signal)
    if (!dumped.ok) return dumped
  }
  const contents: DatabaseContents[] = []
  for (const [index, name] of names.value.entries()) {
    ground.report({ text: `dumping ${name}`, doneBytes: index, totalBytes: names.value.length })
    const dumped = await dumpDatabase(ground, directory, name, signal)
    if (!dumped.ok) return dumped
    contents.push(dumped.value)
  }
  const files = await listFilesBelow(ground.outside.files, directory)
  const tools = { pg_dump: await versionOf(ground, 'pg_dump', signal) }
  return { ok: true, value: { startLsn: '', stopLsn: '', base: null, tools, contents, files } }
}

async function listDatabases({ outside }: BackupGround, signal: AbortSignal): Promise<Outcome<readonly string[]>> {
  const text = 'select datname from pg_catalog.pg_database where datallowconn and not datistemplate order by datname'
  const answer = await ask(outside, { text, timeoutMs: 10_000, purpose: 'backup' }, signal)
  if (!answer.ok) return refuse('server', describeFailure(answer.failure))
  return { ok: true, value: answer.value.map((row) => String(row['datname'])) }
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
  return answer.ok ? answer.value : refuse('server', `${database}: ${describeFailure(answer.failure)}`)
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
): Promise<Outcome<unknown>> {
  const format = ['--format=directory', `--jobs=${ground.settings.jobs}`, '--compress=1', '--create']
  const target = ['--file', `${directory}/${dumpName(database)}`, `--snapshot=${snapshot}`, '--lock-wait-timeout=60s']
  return runTool(ground, { tool: 'pg_dump', options: [...format, ...target, `--dbname=${quoteConnection(database)}`] }, signal)
}

/** Listing a dump proves nothing: only reading it through finds a file that is cut short, missing or changed. */
async function verify(
  ground: BackupGround,
  { manifest, directory }: StoredBackup,
  signal: AbortSignal,
): Promise<Outcome<{ readonly detail: string }>> {
  for (const { name } of manifest.contents) {
    const options = ['--file=/dev/null', `${directory}/${dumpName(name)}`]
    const read = await runTool(ground, { tool: 'pg_restore', options }, signal)
    if (!read.ok) return read.code === 'tool' ? { ...read, code: 'damaged' } : read
  }
  return { ok: true, value: { detail: `pg_restore read the dumps of ${manifest.contents.length} databases through` } }
}
