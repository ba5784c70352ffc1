import type { BackupStanding, Manifest } from './manifest.ts'

export interface SummarizedBackup {
  readonly manifest: Pick<Manifest, 'startedWallMs'>
  readonly standing: BackupStanding
}

/** What `status` tells of the backups of one cluster. */
export interface BackupSummaryLine {
  /** When the newest was begun; `null` when there is none. */
  readonly newestWallMs: number | null
  /** The newest that was restored for proof: of when its data is, and how long a restore took. */
  readonly restorable: { readonly asOfWallMs: number; readonly tookMs: number } | null
  /** The last drill found that a backup cannot be restored, with its reason; empty otherwise. */
  readonly trouble: string
}

/** From backups in order of time, the newest first. */
export function summarizeBackups(backups: readonly SummarizedBackup[]): BackupSummaryLine {
  const restored = backups.find(({ standing: { drilled, verified } }) => drilled?.ok === true && verified?.ok !== false)
  const drilled = restored?.standing.drilled
  const failed = backups.find(({ standing }) => standing.drilled?.ok === false || standing.verified?.ok === false)
  const isNewer = failed !== undefined && failed.manifest.startedWallMs > (restored?.manifest.startedWallMs ?? 0)
  return {
    newestWallMs: backups[0]?.manifest.startedWallMs ?? null,
    restorable:
      restored === undefined || drilled === undefined ? null : { asOfWallMs: restored.manifest.startedWallMs, tookMs: drilled.tookMs },
    trouble: isNewer ? reasonOf(failed.standing) : '',
  }
}

function reasonOf({ verified, drilled }: BackupStanding): string {
  return (verified?.ok === false ? verified.detail : drilled?.detail) ?? ''
}
