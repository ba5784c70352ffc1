import type { Proof } from '../core/backup/manifest.ts'
import type { BackupGround, BackupProvider, Outcome, StoredBackup } from '../jobs/backup/backup.ts'
import type { BackupCare } from '../jobs/backup/backup-care.ts'
import { createBackup } from '../jobs/backup/create-backup.ts'
import { drillBackup } from '../jobs/backup/drill-backup.ts'
import { PROVIDERS } from '../jobs/backup/providers/index.ts'
import { pruneBackups } from '../jobs/backup/prune-backups.ts'
import { refuse } from '../jobs/backup/refuse.ts'
import { listBackups } from '../jobs/backup/store.ts'
import { verifyBackup } from '../jobs/backup/verify-backup.ts'
import { loadDue, saveDue } from './backup-due.ts'
import { type BackupDesk, groundFor } from './backup-desk.ts'
import type { Fleet } from './fleet.ts'
import { tellMatter } from './tell.ts'
import type { Watch } from './watch.ts'

/** A backup that failed is tried again after this, not at once: the reason may take time to go. */
const PAUSE_AFTER_TRY_MS = 30 * 60_000

/** The jobs' view of the backups of every cluster under watch. */
export interface BackupOffice {
  cares(): readonly BackupCare[]
}

/** What is remembered between two runs of a job, by cluster. */
interface Memory {
  lastTryMs: number | undefined
  /** Keys of the troubles that were told. */
  readonly told: Set<string>
}

export function createBackupOffice(fleet: Fleet, desk: BackupDesk): BackupOffice {
  const memories = new Map<string, Memory>()
  const memoryOf = ({ cluster }: Watch): Memory => {
    const memory = memories.get(cluster.name) ?? { lastTryMs: undefined, told: new Set<string>() }
    memories.set(cluster.name, memory)
    return memory
  }
  return { cares: () => fleet.watches().map((watch) => careFor(watch, desk, memoryOf(watch))) }
}

/** The provider that is configured; `undefined` when no backups are. */
export function providerFor({ settings: { backup } }: Watch): BackupProvider | undefined {
  return backup.kind === 'none' ? undefined : PROVIDERS[backup.kind]
}

function careFor(watch: Watch, desk: BackupDesk, memory: Memory): BackupCare {
  const ground = groundFor(watch, () => undefined)
  const { files, clock } = watch.outside
  return {
    cluster: watch.cluster.name,
    settings: ground.settings,
    objection: () => objectionOf(watch),
    mayCatchUp() {
      const nowMs = clock.monotonicMs()
      if (memory.lastTryMs !== undefined && nowMs - memory.lastTryMs < PAUSE_AFTER_TRY_MS) return false
      memory.lastTryMs = nowMs
      return true
    },
    list: () => listBackups(ground),
    create: (signal) => withProvider(watch, desk, 'creating a backup', signal, createBackup),
    verify: (signal) => onNewest(watch, desk, 'verifying a backup', signal, verifyBackup),
    drill: (signal) => onNewest(watch, desk, 'restoring a backup for proof', signal, drillBackup),
    prune: (signal) =>
      desk.run(watch, { what: 'pruning backups', signal }, async (inner, abort) => ({
        ok: true,
        value: await pruneBackups(inner, false, abort),
      })),
    async usedRatio() {
      await files.makeDirectory(ground.directory, 0o700)
      const { totalBytes, availableBytes } = await files.volume(ground.directory)
      return totalBytes === 0 ? 0 : 1 - availableBytes / totalBytes
    },
    async tell(key, sentence) {
      if (sentence === undefined && !memory.told.delete(key)) return
      if (sentence !== undefined) memory.told.add(key)
      await tellMatter(watch, sentence === undefined ? 'warning-cleared' : 'warning', key, sentence ?? `${key} is over`)
    },
    due: { load: () => loadDue(watch), save: (due) => saveDue(watch, due) },
  }
}

function objectionOf({ state, readings }: Watch): string {
  if (state.incidentId !== null) return 'an incident is open'
  if (state.mode !== 'healthy') return `it is ${state.mode}`
  return readings === undefined ? 'it was not looked at yet' : ''
}

function withProvider<T>(
  watch: Watch,
  desk: BackupDesk,
  what: string,
  signal: AbortSignal,
  work: (ground: BackupGround, provider: BackupProvider, signal: AbortSignal) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const provider = providerFor(watch)
  if (provider === undefined) return Promise.resolve(refuse('nothing', 'no backups are configured', 'set backup.kind and reload'))
  return desk.run(watch, { what, signal }, (ground, abort) => work(ground, provider, abort))
}

function onNewest(
  watch: Watch,
  desk: BackupDesk,
  what: string,
  signal: AbortSignal,
  work: (ground: BackupGround, provider: BackupProvider, backup: StoredBackup, signal: AbortSignal) => Promise<Outcome<Proof>>,
): Promise<Outcome<Proof>> {
  return desk.run(watch, { what, signal }, async (ground, abort) => {
    const [newest] = (await listBackups(ground)).backups
    const provider = newest && PROVIDERS[newest.manifest.kind]
    if (newest === undefined || provider === undefined) return refuse('nothing', 'there is no backup yet')
    return work(ground, provider, newest, abort)
  })
}
