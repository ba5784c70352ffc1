import { OutsideError } from '../../ports/outside-error.ts'
import type { StepContext } from '../step.ts'
import type { BackupVault, RestoreOrder } from '../vault.ts'

/** What is to be restored, and from where; a plan that restores is never taken without both. */
export function restoreOf({ restore, vault, cluster }: StepContext): { readonly order: RestoreOrder; readonly vault: BackupVault } {
  if (restore !== undefined && vault !== undefined) return { order: restore, vault }
  throw new OutsideError({ operation: 'restore', object: cluster.name, code: 'no-order', reason: 'no backup was named' })
}

/** Beside the data directory, so that one rename puts it in its place. */
export function restoringDirectory({ cluster }: StepContext): string {
  return `${cluster.dataDirectory}.restoring`
}

/** Where what is replaced is kept until `pgwatchd backup drop-old`. */
export function oldDirectory({ cluster, incidentId }: StepContext): string {
  return `${cluster.dataDirectory}.before-${incidentId.slice(0, 16)}`
}

/** PostgreSQL's names end at 63 bytes. */
export function besideDatabase(database: string, word: 'restoring' | 'before', { incidentId }: StepContext): string {
  const suffix = `_${word}_${incidentId.slice(0, 16).toLowerCase()}`
  return `${Buffer.from(database)
    .subarray(0, 63 - suffix.length)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')}${suffix}`
}
