import { ask, describeFailure } from '../../../server/ask.ts'
import type { BackupGround, BackupProvider, Made, Outcome, StoredBackup, UnpackTarget } from '../backup.ts'
import { estimateContents } from '../contents.ts'
import { linkTablespaces, listTablespaces, mappingOptions } from '../tablespaces.ts'
import { readWalRange } from '../base-manifest.ts'
import { copyTree } from '../copy-tree.ts'
import { refuse } from '../refuse.ts'
import { runTool, versionOf } from '../run-tool.ts'
import { scratchPlaces } from '../scratch.ts'

/** WAL that comes while the copy is made. */
const WAL_RATIO = 0.1

export const physical: BackupProvider = {
  kind: 'physical',
  purpose: 'copies the whole cluster while it runs by pg_basebackup, with the WAL that it needs and a manifest of every file',
  prepare,
  create,
  verify,
  unpack,
}

async function prepare({ outside }: BackupGround, signal: AbortSignal): Promise<Outcome<{ readonly neededBytes: number }>> {
  const text = 'select sum(pg_catalog.pg_tablespace_size(oid))::text as bytes from pg_catalog.pg_tablespace'
  const answer = await ask(outside, { text, timeoutMs: 60_000, purpose: 'backup' }, signal)
  if (!answer.ok) return refuse('server', describeFailure(answer.failure))
  return { ok: true, value: { neededBytes: Math.ceil(Number(answer.value[0]?.['bytes']) * (1 + WAL_RATIO)) } }
}

async function create(ground: BackupGround, directory: string, signal: AbortSignal): Promise<Outcome<Made>> {
  const contents = await estimateContents(ground, signal)
  if (!contents.ok) return contents
  const tablespaces = await listTablespaces(ground, signal)
  if (!tablespaces.ok) return tablespaces
  const { rateLimitBytes } = ground.settings
  const options = [
    ...['--pgdata', `${directory}/data`, '--format=plain', '--wal-method=stream', '--checkpoint=fast'],
    ...['--manifest-checksums=SHA256', '--progress', '--no-password', '--label=pgwatchd'],
    ...(rateLimitBytes === 0 ? [] : [`--max-rate=${Math.max(32, Math.round(rateLimitBytes / 1024))}`]),
    ...mappingOptions(tablespaces.value, directory),
  ]
  const onLine = (line: string): void => reportLine(ground, line)
  const copied = await runTool(ground, { tool: 'pg_basebackup', options, onLine }, signal)
  if (!copied.ok) return copied
  await linkTablespaces(ground, tablespaces.value, directory, signal)
  const range = await readWalRange(ground.outside.files, `${directory}/data/backup_manifest`)
  if (range === undefined) return refuse('tool', 'pg_basebackup left no manifest that could be read')
  const tools = { pg_basebackup: await versionOf(ground, 'pg_basebackup', signal) }
  const { startLsn, stopLsn, sizeBytes } = range
  return { ok: true, value: { startLsn, stopLsn, base: null, tools, contents: contents.value, files: ['data/backup_manifest'], sizeBytes } }
}

/** "123456/456789 kB (27%), 0/1 tablespace" */
function reportLine({ report }: BackupGround, line: string): void {
  const [, done, total] = /^\s*(\d+)\/(\d+) kB/.exec(line) ?? []
  if (done !== undefined) report({ text: 'copying the cluster', doneBytes: Number(done) * 1024, totalBytes: Number(total) * 1024 })
}

/** Reads every file, also the WAL, and compares it with pg_basebackup's own manifest, whose hash is in ours. */
async function verify(
  ground: BackupGround,
  { directory }: StoredBackup,
  signal: AbortSignal,
): Promise<Outcome<{ readonly detail: string }>> {
  const read = await runTool(ground, { tool: 'pg_verifybackup', options: ['--quiet', `${directory}/data`] }, signal)
  if (read.ok) return { ok: true, value: { detail: 'pg_verifybackup read every file and its WAL' } }
  return read.code === 'tool' ? { ...read, code: 'damaged' } : read
}

async function unpack(
  ground: BackupGround,
  { directory }: StoredBackup,
  target: UnpackTarget,
  signal: AbortSignal,
): Promise<Outcome<{ readonly detail: string }>> {
  const { dataDirectory, tablespaces } = scratchPlaces(target.directory)
  const copied = await copyTree(ground, `${directory}/data`, dataDirectory, target, signal)
  if (!copied.ok) return copied
  if ((await ground.outside.files.status(`${directory}/tablespaces`)) !== undefined) {
    const beside = await copyTree(ground, `${directory}/tablespaces`, tablespaces, target, signal)
    if (!beside.ok) return beside
  }
  return { ok: true, value: { detail: 'copied the files of the backup' } }
}
