import { compareContents } from '../../core/backup/compare-contents.ts'
import type { Proof } from '../../core/backup/manifest.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import type { PrivateServer } from '../../server/private-server.ts'
import { withPrivateServer } from '../../server/private-server.ts'
import type { BackupGround, BackupProvider, Outcome, StoredBackup } from './backup.ts'
import { readRestored } from './read-restored.ts'
import { refuse } from './refuse.ts'
import { findShortage } from './room.ts'
import { runTool } from './run-tool.ts'
import { makeScratch, privateOptions } from './scratch.ts'
import { removeTree, writeStanding } from './store.ts'

/** What a restored cluster needs, against the size of the backup: a dump grows when it is loaded. */
const GROWTH = { logical: 8, physical: 1.2, pgbackrest: 6 } as const
/** Beside the backups, so that a link or a copy that shares blocks is possible. */
const DRILL = '.drill'

const NOT_ITS_FAULT = ['aborted', 'timeout', 'no-room', 'busy', 'tool-missing']

/**
 * Restores a backup into a scratch cluster, starts it, compares what it holds with the manifest, and lets pg_amcheck read it
 * through. Nothing of it is reachable from outside, and nothing stays. What came of it is kept beside the backup.
 */
export async function drillBackup(
  ground: BackupGround,
  provider: BackupProvider,
  backup: StoredBackup,
  signal: AbortSignal,
): Promise<Outcome<Proof>> {
  const { clock } = ground.outside
  const startedMs = clock.monotonicMs()
  const drilled = await drillWithin(ground, provider, backup, signal)
  if (!drilled.ok && NOT_ITS_FAULT.includes(drilled.code)) return drilled
  const detail = drilled.ok ? drilled.value : drilled.why
  const proof: Proof = { ok: drilled.ok, wallMs: clock.wallMs(), tookMs: Math.round(clock.monotonicMs() - startedMs), detail }
  await writeStanding(ground, backup, { drilled: proof })
  return drilled.ok ? { ok: true, value: proof } : drilled
}

async function drillWithin(
  ground: BackupGround,
  provider: BackupProvider,
  backup: StoredBackup,
  signal: AbortSignal,
): Promise<Outcome<string>> {
  const shortage = await findShortage(ground, backup.manifest.sizeBytes * GROWTH[backup.manifest.kind])
  if (shortage !== undefined) return shortage
  const directory = `${ground.directory}/${DRILL}`
  try {
    await removeTree(ground, directory, signal)
    await makeScratch(ground, directory, signal)
    return await restoreAndCompare(ground, provider, backup, directory, signal)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return refuse(error.code === 'ENOSPC' ? 'no-room' : error.code === 'not-started' ? 'damaged' : 'disk', error.message, error.hint)
  } finally {
    await removeTree(ground, directory, AbortSignal.timeout(ground.settings.timeoutMs))
  }
}

async function restoreAndCompare(
  ground: BackupGround,
  provider: BackupProvider,
  backup: StoredBackup,
  directory: string,
  signal: AbortSignal,
): Promise<Outcome<string>> {
  ground.report({ text: 'restoring into a scratch cluster', doneBytes: 0, totalBytes: undefined })
  const unpacked = await provider.unpack(ground, backup, { directory, durable: false }, signal)
  if (!unpacked.ok) return unpacked
  const options = privateOptions(ground, backup.manifest, directory, { durable: false })
  return withPrivateServer(ground.outside, options, signal, async (server) => {
    const found = await readRestored(ground, backup.manifest, server, signal)
    if (!found.ok) return found
    const differences = compareContents(backup.manifest.contents, found.value)
    if (differences.length > 0) return refuse('damaged', differences.join('; '), 'make a new backup')
    const checked = await checkIntegrity(ground, server, signal)
    return checked.ok ? { ok: true, value: `${unpacked.value.detail}, compared every database, and pg_amcheck found nothing` } : checked
  })
}

/** Without `--install-missing` it would find nothing to check, and say so with the exit code of health. */
async function checkIntegrity(ground: BackupGround, { at }: PrivateServer, signal: AbortSignal): Promise<Outcome<string>> {
  ground.report({ text: 'checking tables and indexes', doneBytes: 0, totalBytes: undefined })
  const environment = { PGHOST: at.socketDirectory, PGPORT: String(at.port), PGUSER: at.user, PGDATABASE: 'postgres' }
  const options = ['--all', '--install-missing', '--heapallindexed', `--jobs=${ground.settings.jobs}`]
  const checked = await runTool(ground, { tool: 'pg_amcheck', options, environment }, signal)
  if (checked.ok) return checked
  if (/amcheck.*(?:control file|not available|could not open extension)/s.test(checked.why))
    return refuse('tool-missing', `pg_amcheck needs the extension amcheck: ${checked.why}`, 'apt install postgresql-contrib')
  return { ...checked, code: checked.code === 'tool' ? 'damaged' : checked.code }
}
