/** What an operator wants back; journalled with the attempt. */
export interface RestoreOrder {
  /** Id of the backup. */
  readonly backup: string
  /** `null`: the whole cluster. */
  readonly database: string | null
}

export type VaultOutcome<T> =
  | { readonly ok: true; readonly value: T }
  /** `why` is one plain clause, `hint` what an operator can do. */
  | { readonly ok: false; readonly why: string; readonly hint: string }

/** What the restore's steps need of the backups. Every function may be called again after a crash, and honours `signal`. */
export interface BackupVault {
  /**
   * Proves the backup by reading it, makes a data directory of it as `data` in `directory` (and `tablespaces` beside it),
   * starts a private server on that, compares what it holds with the backup's manifest, and stops it. Durable.
   */
  unpack(backup: string, directory: string, signal: AbortSignal): Promise<VaultOutcome<{ readonly detail: string }>>
  /** Removes what an `unpack` left. */
  discard(directory: string, signal: AbortSignal): Promise<void>
  /** Loads a database of the backup into a new one beside it, with its owner, rights and settings, and compares it with the manifest. */
  loadDatabase(
    order: { backup: string; database: string; into: string },
    signal: AbortSignal,
  ): Promise<VaultOutcome<{ readonly detail: string }>>
  /** Keeps sessions out and gives `database` the name `old` and `loaded` the name `database`, in one transaction. */
  swapDatabases(
    names: { database: string; loaded: string; old: string },
    signal: AbortSignal,
  ): Promise<VaultOutcome<{ readonly outageMs: number }>>
  /** Drops a database that nobody needs any more; fine when it is gone. */
  dropDatabase(name: string, signal: AbortSignal): Promise<VaultOutcome<undefined>>
}
