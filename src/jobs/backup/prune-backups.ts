import { planRetention, type Retention } from '../../core/backup/retention.ts'
import type { BackupGround } from './backup.ts'
import { listBackups, removeBackup, sweepLeftovers } from './store.ts'

export interface Pruned extends Retention {
  /** Ids of what was removed; empty for a plan. */
  readonly removed: readonly string[]
}

/** Removes what retention lets go of, the oldest first; with `planOnly` it only tells. */
export async function pruneBackups(ground: BackupGround, planOnly: boolean, signal: AbortSignal): Promise<Pruned> {
  const { backups } = await listBackups(ground)
  const retention = planRetention(backups, ground.settings, ground.outside.clock.wallMs())
  const removed: string[] = []
  if (planOnly) return { ...retention, removed }
  await sweepLeftovers(ground, signal)
  const going = new Set(retention.verdicts.filter((verdict) => !verdict.keep).map((verdict) => verdict.id))
  for (const backup of backups.toReversed()) {
    if (!going.has(backup.manifest.id) || signal.aborted) continue
    await removeBackup(ground, backup, signal)
    removed.push(backup.manifest.id)
  }
  return { ...retention, removed }
}
