import type { Cluster } from '../../core/cluster.ts'
import type { Finding } from '../../core/facts.ts'
import type { Files } from '../../ports/files.ts'

/**
 * Files that make a start something else than going on where the server ended: a standby, a restore to a point in time, or a copy
 * of another server. `backup_label` also lies in a primary during an exclusive backup, which PostgreSQL 15 has abolished.
 */
const SIGNS = ['standby.signal', 'recovery.signal', 'recovery.conf', 'backup_label']

/** Looks for them in the data directory. Rejects with `OutsideError` when it may not be looked at. */
export async function findRestoreSign(cluster: Cluster, files: Files): Promise<Finding<string>> {
  const found = await Promise.all(SIGNS.map((name) => files.status(`${cluster.dataDirectory}/${name}`)))
  const value = SIGNS.find((_, index) => found[index] !== undefined)
  return value === undefined ? { status: 'none' } : { status: 'found', value }
}
