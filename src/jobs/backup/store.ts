import type { BackupStanding, Manifest } from '../../core/backup/manifest.ts'
import { isBackupId, parseManifest } from '../../core/backup/manifest.ts'
import type { Outside } from '../../ports/outside.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import { makeOwnedDirectory } from '../../server/owned-directory.ts'
import type { BackupGround, Outcome, StoredBackup } from './backup.ts'

const MANIFEST = 'manifest.json'
const STANDING = 'standing.json'
const MOST_MANIFEST_BYTES = 64 << 20
const MOST_STANDING_BYTES = 1 << 20
const REMOVE_TIMEOUT_MS = 3_600_000

/** What is being made, and what is being removed: neither is a backup, whatever it holds. */
const CREATING = '.creating-'
const REMOVING = '.removing-'

type StoreGround = { readonly directory: string; readonly outside: Pick<Outside, 'files' | 'commands'> }

/** A folder that looks like a backup and is none: told, and never counted, pruned or restored. */
export interface Unusable {
  readonly directory: string
  readonly why: string
}

export interface Listing {
  /** By the time they were begun, the newest first; never by name. */
  readonly backups: readonly StoredBackup[]
  readonly unusable: readonly Unusable[]
}

/** The backups of one cluster as they lie on disk. */
export async function listBackups({ directory, outside: { files } }: StoreGround): Promise<Listing> {
  const names = ((await files.list(directory)) ?? []).filter(isBackupId)
  const read = await Promise.all(names.map((name) => readBackup(files, `${directory}/${name}`, name)))
  const backups = read.filter((each): each is StoredBackup => 'manifest' in each)
  return {
    backups: backups.sort((one, other) => other.manifest.startedWallMs - one.manifest.startedWallMs),
    unusable: read.filter((each): each is Unusable => 'why' in each),
  }
}

/** By its id, the beginning of one, or `last`. */
export async function findBackup(ground: StoreGround, wanted: string): Promise<Outcome<StoredBackup>> {
  const { backups, unusable } = await listBackups(ground)
  const matches = wanted === 'last' ? backups.slice(0, 1) : backups.filter(({ manifest }) => manifest.id.startsWith(wanted))
  const value = matches.find(({ manifest }) => manifest.id === wanted) ?? (matches.length === 1 ? matches[0] : undefined)
  if (value !== undefined) return { ok: true, value }
  const broken = unusable.find(({ directory }) => directory.endsWith(`/${wanted}`))
  const why =
    broken === undefined
      ? matches.length > 1
        ? `${matches.length} backups begin with ${wanted}`
        : `there is no backup ${wanted}`
      : `${broken.directory} is no usable backup: ${broken.why}`
  return { ok: false, code: 'unknown-backup', why, hint: 'pgwatchd backup list lists them' }
}

async function readBackup(files: Outside['files'], directory: string, id: string): Promise<StoredBackup | Unusable> {
  const text = await files.readText(`${directory}/${MANIFEST}`, { maxBytes: MOST_MANIFEST_BYTES })
  if (text === undefined) return { directory, why: 'it has no manifest.json' }
  const parsed = parseManifest(text)
  if (!parsed.ok) return { directory, why: parsed.why }
  if (parsed.manifest.id !== id) return { directory, why: `its manifest.json is that of ${parsed.manifest.id}` }
  return { directory, manifest: parsed.manifest, standing: await readStanding(files, directory) }
}

/** What was proved is lost with a file that cannot be read: then it has to be proved anew. */
async function readStanding(files: Outside['files'], directory: string): Promise<BackupStanding> {
  const text = await files.readText(`${directory}/${STANDING}`, { maxBytes: MOST_STANDING_BYTES })
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

export async function writeStanding(
  { outside: { files } }: Pick<StoreGround, 'outside'>,
  backup: StoredBackup,
  change: BackupStanding,
): Promise<void> {
  const standing: BackupStanding = { ...(await readStanding(files, backup.directory)), ...change }
  await files.writeDurably(`${backup.directory}/${STANDING}`, `${JSON.stringify(standing, undefined, 2)}\n`, 0o600)
}

/** An empty folder for a backup that is about to be made; leftovers of runs that were killed are swept away first. */
export async function beginBackup(ground: BackupGround, id: string, signal: AbortSignal): Promise<string> {
  await sweepLeftovers(ground, signal)
  const directory = `${ground.directory}/${CREATING}${id}`
  await makeOwnedDirectory(ground.outside, ground.directory, ground.cluster.dataDirectory, signal)
  await makeOwnedDirectory(ground.outside, directory, ground.cluster.dataDirectory, signal)
  return directory
}

/** Gives the backup its name; only from here on it is one. Its manifest is the last file that is written. */
export async function completeBackup({ directory, outside: { files } }: StoreGround, manifest: Manifest): Promise<StoredBackup> {
  const from = `${directory}/${CREATING}${manifest.id}`
  const to = `${directory}/${manifest.id}`
  await files.writeDurably(`${from}/${MANIFEST}`, `${JSON.stringify(manifest, undefined, 2)}\n`, 0o600)
  await files.move(from, to)
  return { directory: to, manifest, standing: {} }
}

/** Takes its name from a backup first: one that is half removed must not look like one. */
export async function removeBackup(ground: StoreGround, { directory, manifest }: StoredBackup, signal: AbortSignal): Promise<void> {
  const removing = `${ground.directory}/${REMOVING}${manifest.id}`
  await ground.outside.files.move(directory, removing)
  await removeTree(ground, removing, signal)
}

/** Removes what killed runs left behind: half-made backups, and those that were being removed. */
export async function sweepLeftovers(ground: StoreGround, signal: AbortSignal): Promise<void> {
  const names = ((await ground.outside.files.list(ground.directory)) ?? []).filter(isLeftover)
  for (const name of names) await removeTree(ground, `${ground.directory}/${name}`, signal)
}

function isLeftover(name: string): boolean {
  return [CREATING, REMOVING].some((prefix) => name.startsWith(prefix) && isBackupId(name.slice(prefix.length)))
}

/** Follows no link and leaves no mounted volume below it empty. */
export async function removeTree({ outside: { commands } }: StoreGround, path: string, signal: AbortSignal): Promise<void> {
  const removed = await commands.run(
    { file: 'rm', arguments: ['-rf', '--one-file-system', '--', path], timeoutMs: REMOVE_TIMEOUT_MS },
    signal,
  )
  if (removed.exitCode === 0) return
  const reason = removed.outcome === 'exited' ? removed.stderr.trim() : `it was ended (${removed.outcome})`
  throw new OutsideError({ operation: 'remove', object: path, code: removed.outcome, reason, hint: 'remove it by hand' })
}
