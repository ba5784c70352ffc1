import type { Proof } from '../../core/backup/manifest.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import type { BackupGround, BackupProvider, Outcome, Refusal, StoredBackup } from './backup.ts'
import { hashFiles } from './hash-files.ts'
import { refuse } from './refuse.ts'
import { writeStanding } from './store.ts'

/** What says nothing about the backup itself: it may be as good as before. */
const NOT_ITS_FAULT = ['aborted', 'timeout', 'no-room', 'busy']

/**
 * Compares every file with the hashes of the manifest, then lets the provider read every byte in its own way. What came of
 * it is kept beside the backup. Changes nothing else.
 */
export async function verifyBackup(
  ground: BackupGround,
  provider: BackupProvider,
  backup: StoredBackup,
  signal: AbortSignal,
): Promise<Outcome<Proof>> {
  const { clock } = ground.outside
  const startedMs = clock.monotonicMs()
  const read = await orRefusal(() => readWhole(ground, provider, backup, signal))
  if (!read.ok && NOT_ITS_FAULT.includes(read.code)) return read
  const detail = read.ok ? read.value.detail : read.why
  const verified: Proof = { ok: read.ok, wallMs: clock.wallMs(), tookMs: Math.round(clock.monotonicMs() - startedMs), detail }
  await writeStanding(ground, backup, { verified })
  return read.ok ? { ok: true, value: verified } : read
}

async function readWhole(
  ground: BackupGround,
  provider: BackupProvider,
  backup: StoredBackup,
  signal: AbortSignal,
): Promise<Outcome<{ readonly detail: string }>> {
  const changed = await compareHashes(ground, backup, signal)
  return changed ?? provider.verify(ground, backup, signal)
}

/** Why the files are not those of the manifest; `undefined` when they are. */
export async function compareHashes(
  ground: BackupGround,
  { manifest, directory }: StoredBackup,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const { files } = ground.outside
  for (const { path, sizeBytes } of manifest.files) {
    const status = await files.status(`${directory}/${path}`)
    if (status?.kind !== 'file') return damaged(`${path} is missing`)
    if (status.sizeBytes !== sizeBytes) return damaged(`${path} has ${status.sizeBytes} bytes instead of ${sizeBytes}`)
  }
  const hashed = await hashFiles(
    ground,
    directory,
    manifest.files.map((file) => file.path),
    signal,
  )
  if (!hashed.ok) return hashed
  const now = new Map(hashed.value.map((file) => [file.path, file.sha256]))
  const changed = manifest.files.find((file) => now.get(file.path) !== file.sha256)
  return changed === undefined ? undefined : damaged(`the bytes of ${changed.path} are not those that were written`)
}

function damaged(why: string): Refusal {
  return refuse('damaged', why, 'make a new backup, and find out what changed this one')
}

async function orRefusal<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return refuse(error.code === 'ENOSPC' ? 'no-room' : 'disk', error.message, error.hint)
  }
}
