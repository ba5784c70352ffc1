import { asOwner } from '../../server/as-owner.ts'
import { type PrivateServer, withPrivateServer } from '../../server/private-server.ts'
import type { BackupGround, Outcome, StoredBackup, UnpackTarget } from './backup.ts'
import { dumpName } from './dump-name.ts'
import { refuse } from './refuse.ts'
import { runTool } from './run-tool.ts'
import { privateOptions, scratchPlaces } from './scratch.ts'

const INITDB_TIMEOUT_MS = 300_000

/** Makes a fresh cluster of the dumps: their roles, then one database after the other. Tablespaces become the default one. */
export async function unpackDumps(
  ground: BackupGround,
  backup: StoredBackup,
  { directory, durable }: UnpackTarget,
  signal: AbortSignal,
): Promise<Outcome<{ readonly detail: string }>> {
  const initialized = await initialize(ground, directory, signal)
  if (!initialized.ok) return initialized
  const options = privateOptions(ground, backup.manifest, directory, { durable })
  const restored = await withPrivateServer(ground.outside, options, signal, (server) => restoreAll(ground, backup, server, signal))
  return restored.ok
    ? { ok: true, value: { detail: `restored ${backup.manifest.contents.length} databases into a fresh cluster` } }
    : restored
}

async function initialize({ outside, cluster, login }: BackupGround, directory: string, signal: AbortSignal): Promise<Outcome<undefined>> {
  const { dataDirectory } = scratchPlaces(directory)
  const options = [
    '-D',
    dataDirectory,
    '-U',
    login.user,
    '-A',
    'trust',
    '--data-checksums',
    '--no-instructions',
    '-E',
    'UTF8',
    '--locale=C',
  ]
  const program = await asOwner(outside, directory, { file: `${cluster.binaryDirectory}/initdb`, arguments: options })
  const made = await outside.commands.run({ ...program, timeoutMs: INITDB_TIMEOUT_MS }, signal)
  return made.exitCode === 0 ? { ok: true, value: undefined } : refuse('tool', `initdb: ${made.stderr.trim() || made.outcome}`)
}

async function restoreAll(
  ground: BackupGround,
  { manifest, directory: source }: StoredBackup,
  { at }: PrivateServer,
  signal: AbortSignal,
): Promise<Outcome<undefined>> {
  const environment = { PGHOST: at.socketDirectory, PGPORT: String(at.port), PGUSER: at.user, PGDATABASE: 'postgres' }
  const common = { environment }
  // The superuser of the fresh cluster is among the roles, so one "already exists" is to be expected.
  const roles = await readRoles(ground, source)
  const made = await runTool(ground, { ...common, tool: 'psql', options: ['-X', '-q', '-d', 'postgres', '-f', '-'], input: roles }, signal)
  if (!made.ok) return made
  for (const [index, { name }] of manifest.contents.entries()) {
    ground.report({ text: `restoring ${name}`, doneBytes: index, totalBytes: manifest.contents.length })
    const create = name === 'postgres' ? ['--clean', '--if-exists', '--dbname=postgres'] : ['--create', '--dbname=postgres']
    const options = [...create, '--no-tablespaces', '--exit-on-error', `--jobs=${ground.settings.jobs}`, `${source}/${dumpName(name)}`]
    const restored = await runTool(ground, { ...common, tool: 'pg_restore', options }, signal)
    if (!restored.ok) return restored
  }
  return { ok: true, value: undefined }
}

async function readRoles({ outside }: BackupGround, source: string): Promise<string> {
  return (await outside.files.readText(`${source}/roles.sql`, { maxBytes: 64 << 20 })) ?? ''
}
