import type { Outcome } from '../jobs/backup/backup.ts'
import { loadDatabase } from '../jobs/backup/load-database.ts'
import { PROVIDERS } from '../jobs/backup/providers/index.ts'
import { refuse } from '../jobs/backup/refuse.ts'
import { restoreBeside } from '../jobs/backup/restore-cluster.ts'
import { findBackup, removeTree } from '../jobs/backup/store.ts'
import { swapDatabases } from '../jobs/backup/swap-databases.ts'
import type { BackupVault, VaultOutcome } from '../recovery/vault.ts'
import { ask, describeFailure } from '../server/ask.ts'
import { quoteIdentifier } from '../server/quote.ts'
import { groundFor } from './backup-desk.ts'
import type { Watch } from './watch.ts'

const DROP_TIMEOUT_MS = 300_000

/** The backups of one cluster, as the steps of a restore need them. */
export function createVault(watch: Watch): BackupVault {
  const ground = { ...groundFor(watch, () => undefined), priority: 'normal' } as const
  return {
    async unpack(id, directory, signal) {
      const found = await findBackup(ground, id)
      if (!found.ok) return found
      const provider = PROVIDERS[found.value.manifest.kind]
      if (provider === undefined)
        return refuse('foreign', `backups of kind ${found.value.manifest.kind} cannot be restored by this version`)
      return restoreBeside(ground, provider, found.value, directory, signal)
    },
    discard: (directory, signal) => removeTree(ground, directory, signal),
    async loadDatabase({ backup, database, into }, signal) {
      const found = await findBackup(ground, backup)
      return found.ok ? loadDatabase(ground, found.value, { database, into }, signal) : found
    },
    swapDatabases: (names, signal) => swapDatabases(ground, names, signal),
    dropDatabase: (name, signal) => drop(watch, name, signal),
  }
}

async function drop({ outside }: Watch, name: string, signal: AbortSignal): Promise<VaultOutcome<undefined> & Outcome<undefined>> {
  const text = `drop database if exists ${quoteIdentifier(name)} with (force)`
  const answer = await ask(outside, { database: 'postgres', text, timeoutMs: DROP_TIMEOUT_MS, purpose: 'restore' }, signal)
  return answer.ok ? { ok: true, value: undefined } : refuse('server', describeFailure(answer.failure))
}
