import { compareContents } from '../../core/backup/compare-contents.ts'
import { withPrivateServer } from '../../server/private-server.ts'
import type { BackupGround, BackupProvider, Outcome, StoredBackup } from './backup.ts'
import { readRestored } from './read-restored.ts'
import { refuse } from './refuse.ts'
import { findShortage } from './room.ts'
import { makeScratch, privateOptions, scratchPlaces } from './scratch.ts'
import { removeTree } from './store.ts'
import { verifyBackup } from './verify-backup.ts'

const GROWTH = { logical: 8, physical: 1.2, pgbackrest: 6 } as const

/**
 * Makes a data directory of a backup in `directory` that a server can be started on: the backup is read whole first, the
 * result is started by itself, compared with the manifest, and stopped cleanly. Durable when it resolves.
 */
export async function restoreBeside(
  ground: BackupGround,
  provider: BackupProvider,
  backup: StoredBackup,
  directory: string,
  signal: AbortSignal,
): Promise<Outcome<{ readonly detail: string }>> {
  const verified = await verifyBackup(ground, provider, backup, signal)
  if (!verified.ok) return verified
  await removeTree(ground, directory, signal)
  const parent = directory.replace(/\/[^/]+$/, '')
  const shortage = await findShortage({ ...ground, directory: parent }, backup.manifest.sizeBytes * GROWTH[backup.manifest.kind])
  if (shortage !== undefined) return { ...shortage, hint: `make room on the volume of ${parent}` }
  await makeScratch(ground, directory, signal)
  const unpacked = await provider.unpack(ground, backup, { directory, durable: true }, signal)
  if (!unpacked.ok) return unpacked
  const options = privateOptions(ground, backup.manifest, directory, { durable: true })
  const differences = await withPrivateServer(ground.outside, options, signal, async (server) => {
    const found = await readRestored(ground, backup.manifest, server, signal)
    return found.ok ? { ok: true as const, value: compareContents(backup.manifest.contents, found.value) } : found
  })
  if (!differences.ok) return differences
  if (differences.value.length > 0) return refuse('damaged', differences.value.join('; '), 'choose another backup')
  await ground.outside.files.remove(`${scratchPlaces(directory).dataDirectory}/private-server.log`)
  return { ok: true, value: { detail: `${unpacked.value.detail}, started and compared` } }
}
