import type { BackupKind, BackupStanding, DatabaseContents, Manifest } from '../../core/backup/manifest.ts'
import type { Cluster } from '../../core/cluster.ts'
import type { Outside } from '../../ports/outside.ts'

/** The part of the configuration that backups read; the same shape as `config.backup`. */
export interface BackupSettings {
  readonly kind: BackupKind | 'none'
  /** Holds a folder for each cluster, and below it one for each backup. */
  readonly directory: string
  readonly timeoutMs: number
  readonly jobs: number
  /** Per second; 0: no limit. */
  readonly rateLimitBytes: number
  readonly keepMs: number
  readonly keepCount: number
  readonly warnRatio: number
  readonly maximumAgeMs: number
  readonly drillMaximumAgeMs: number
}

/** How the server is logged in to by the programs that know no session of ours. */
export interface BackupLogin {
  readonly user: string
  readonly database: string
  /** Host or socket directory. */
  readonly host: string
  readonly password: () => Promise<string | undefined>
}

/** How far something long is. */
export interface Progress {
  readonly text: string
  readonly doneBytes: number
  /** `undefined` when nobody can tell. */
  readonly totalBytes: number | undefined
}

/** What every operation on the backups of one cluster works with. */
export interface BackupGround {
  readonly cluster: Cluster
  readonly outside: Outside
  readonly settings: BackupSettings
  readonly login: BackupLogin
  /** The folder of this cluster's backups. */
  readonly directory: string
  /** Default: below the database. A restore is waited for, and on a busy host would wait for ever behind those who work. */
  readonly priority?: 'below-the-database' | 'normal'
  report(progress: Progress): void
}

/** A backup as it lies on disk. */
export interface StoredBackup {
  readonly manifest: Manifest
  readonly standing: BackupStanding
  readonly directory: string
}

/** Why something was not done, so that an operator can do something about it. */
export interface Refusal {
  readonly ok: false
  /** `no-room`, `server`, `damaged`, `tool`, `timeout`, `aborted`, `foreign`, `disk`. */
  readonly code: string
  readonly why: string
  readonly hint: string
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | Refusal

/** What a provider tells of what it has made; the rest of the manifest is made by its caller. */
export interface Made extends Pick<Manifest, 'startLsn' | 'stopLsn' | 'tools' | 'base'> {
  readonly contents: readonly DatabaseContents[]
  /** Paths below the folder whose bytes the manifest is to vouch for. */
  readonly files: readonly string[]
  /** Of everything that was made; default: of those files. */
  readonly sizeBytes?: number
}

/** Where a backup is brought to life: a scratch made by `makeScratch`. */
export interface UnpackTarget {
  readonly directory: string
  /** False for what is thrown away again: nothing has to survive a power cut. */
  readonly durable: boolean
}

/**
 * One way to make backups, in one file. Nothing of it knows about names, retention or schedules. Every function honours
 * `signal`, and rejects with `OutsideError` alone.
 */
export interface BackupProvider {
  readonly kind: BackupKind
  /** One sentence. */
  readonly purpose: string
  /** Looks only: whether a backup can be made now, and the room that it needs at most. */
  prepare(ground: BackupGround, signal: AbortSignal): Promise<Outcome<{ readonly neededBytes: number }>>
  /** Makes one in `directory`, which is there and empty; durable (fsynced) when it resolves. What a failure leaves is removed by the caller. */
  create(ground: BackupGround, directory: string, signal: AbortSignal): Promise<Outcome<Made>>
  /** Reads every byte, beyond the hashes of the manifest, which the caller has compared. Changes nothing. */
  verify(ground: BackupGround, backup: StoredBackup, signal: AbortSignal): Promise<Outcome<{ readonly detail: string }>>
  /**
   * Makes a data directory of the backup as `data` in the target's directory, and its tablespaces, where there are any, as
   * `tablespaces/<oid>` beside it. Nothing follows or archives to another server from it. For the drill and for restoring a
   * whole cluster.
   */
  unpack(
    ground: BackupGround,
    backup: StoredBackup,
    target: UnpackTarget,
    signal: AbortSignal,
  ): Promise<Outcome<{ readonly detail: string }>>
}
