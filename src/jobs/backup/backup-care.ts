import type { Proof } from '../../core/backup/manifest.ts'
import type { BackupSettings, Outcome, StoredBackup } from './backup.ts'
import type { Pruned } from './prune-backups.ts'
import type { Listing } from './store.ts'

/** What jobs do with the backups of one cluster; never two things at a time (`busy`). */
export interface BackupCare {
  readonly cluster: string
  readonly settings: BackupSettings
  /** Why nothing may begin by itself now, one clause: an incident is open, it is paused, it is a standby; empty when it may. */
  objection(): string
  /** Whether a backup outside the calendar may be tried: one that failed is not tried again at once. */
  mayCatchUp(): boolean
  list(): Promise<Listing>
  create(signal: AbortSignal): Promise<Outcome<StoredBackup>>
  /** Of the newest. */
  verify(signal: AbortSignal): Promise<Outcome<Proof>>
  drill(signal: AbortSignal): Promise<Outcome<Proof>>
  prune(signal: AbortSignal): Promise<Outcome<Pruned>>
  /** Used share of the volume of the backups, 0 to 1. */
  usedRatio(): Promise<number>
  /** Tells a person of a trouble with a stable key, or with `undefined` that it is over. */
  tell(key: string, sentence: string | undefined): Promise<void>
  /** Kept on disk: when the calendar called last, and when it will call next. */
  readonly due: { load(): Promise<Due>; save(due: Due): Promise<void> }
}

export interface Due {
  readonly lastWallMs: number | undefined
  readonly nextWallMs: number | undefined
}
