import type { BackupFile, Manifest } from '../../core/backup/manifest.ts'
import { backupIdFor } from '../../core/backup/manifest.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import { ask, describeFailure } from '../../server/ask.ts'
import type { BackupGround, BackupProvider, Made, Outcome, StoredBackup } from './backup.ts'
import { hashFiles } from './hash-files.ts'
import { refuse } from './refuse.ts'
import { findShortage } from './room.ts'
import { beginBackup, completeBackup, removeTree } from './store.ts'

const QUESTION_TIMEOUT_MS = 10_000

/** What the server says of itself. */
type Identity = Pick<Manifest, 'systemIdentifier' | 'timeline' | 'serverVersion' | 'settings'>

const IDENTITY = `
  select (select system_identifier from pg_catalog.pg_control_system())::text as system_identifier,
         (select timeline_id from pg_catalog.pg_control_checkpoint())::int as timeline,
         pg_catalog.current_setting('server_version') as server_version,
         (select pg_catalog.json_object_agg(name, setting)::text from pg_catalog.pg_settings
           where name in ('shared_preload_libraries', 'max_connections', 'max_prepared_transactions', 'max_worker_processes',
                          'max_locks_per_transaction', 'max_wal_senders')) as settings`

/**
 * Makes one backup: room is looked for first, then it is made under a name that is none, hashed, described by a manifest, and
 * only then given its name. Whatever fails leaves nothing behind that looks like a backup.
 */
export async function createBackup(ground: BackupGround, provider: BackupProvider, signal: AbortSignal): Promise<Outcome<StoredBackup>> {
  const identity = await readIdentity(ground, signal)
  if (!identity.ok) return identity
  const prepared = await provider.prepare(ground, signal)
  if (!prepared.ok) return prepared
  const shortage = await findShortage(ground, prepared.value.neededBytes)
  if (shortage !== undefined) return shortage
  const { clock, random } = ground.outside
  const id = backupIdFor(ground.cluster.name, provider.kind, clock.wallMs(), random.hex(4))
  const directory = await beginBackup(ground, id, signal)
  const made = await makeWithin(ground, provider, { id, directory, identity: identity.value }, signal)
  if (!made.ok) await removeTree(ground, directory, AbortSignal.timeout(ground.settings.timeoutMs))
  return made
}

interface Beginning {
  readonly id: string
  readonly directory: string
  readonly identity: Identity
}

async function makeWithin(
  ground: BackupGround,
  provider: BackupProvider,
  beginning: Beginning,
  signal: AbortSignal,
): Promise<Outcome<StoredBackup>> {
  const { clock } = ground.outside
  const startedWallMs = clock.wallMs()
  try {
    const timed = await clock.withDeadline(ground.settings.timeoutMs, signal, (inner) =>
      make(ground, provider, beginning, startedWallMs, inner),
    )
    return timed.timedOut
      ? refuse('timeout', `it took longer than backup.timeout`, 'raise backup.timeout, or lift backup.rate_limit')
      : timed.value
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return refuse(error.code === 'ENOSPC' ? 'no-room' : 'disk', error.message, error.hint)
  }
}

async function make(
  ground: BackupGround,
  provider: BackupProvider,
  { id, directory, identity }: Beginning,
  startedWallMs: number,
  signal: AbortSignal,
): Promise<Outcome<StoredBackup>> {
  const made = await provider.create(ground, directory, signal)
  if (!made.ok) return made
  const hashed = await hashFiles(ground, directory, made.value.files, signal)
  if (!hashed.ok) return hashed
  if (signal.aborted) return refuse('aborted', 'it was broken off', '')
  const endedWallMs = ground.outside.clock.wallMs()
  const manifest = toManifest(ground, provider, made.value, hashed.value)
  return { ok: true, value: await completeBackup(ground, { ...manifest, ...identity, id, startedWallMs, endedWallMs }) }
}

function toManifest(
  { cluster }: BackupGround,
  { kind }: BackupProvider,
  { startLsn, stopLsn, tools, base, contents, sizeBytes: madeBytes }: Made,
  files: readonly BackupFile[],
) {
  const sizeBytes = madeBytes ?? files.reduce((sum, file) => sum + file.sizeBytes, 0)
  return { version: 1 as const, kind, cluster: cluster.name, startLsn, stopLsn, tools, base, contents, files, sizeBytes }
}

async function readIdentity({ outside }: BackupGround, signal: AbortSignal): Promise<Outcome<Identity>> {
  const answer = await ask(outside, { text: IDENTITY, timeoutMs: QUESTION_TIMEOUT_MS, purpose: 'backup' }, signal)
  if (!answer.ok) return refuse('server', `the server could not be asked: ${describeFailure(answer.failure)}`, 'see pgwatchd status')
  const row = answer.value[0] ?? {}
  return {
    ok: true,
    value: {
      systemIdentifier: String(row['system_identifier']),
      timeline: Number(row['timeline']),
      serverVersion: String(row['server_version']),
      settings: JSON.parse(String(row['settings'])) as Manifest['settings'],
    },
  }
}
