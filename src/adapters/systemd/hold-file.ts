import { join } from 'node:path'
import type { Cluster } from '../../core/cluster.ts'
import type { Files } from '../../ports/files.ts'

/**
 * The file that keeps a cluster's service from starting while it exists. The package's drop-in for `postgresql@.service`
 * asserts its absence; being below `/run`, it is gone after a reboot.
 */
export interface HoldFile {
  readonly path: string
  create(): Promise<void>
  remove(): Promise<void>
  exists(): Promise<boolean>
}

/** `hold-15-main` for the unit `postgresql@15-main.service`; for a unit without instance, and for pg_ctl, the cluster's name. */
export function createHoldFile(cluster: Cluster, runtimeDirectory: string, files: Files): HoldFile {
  const instance = /@(.+)\.service$/.exec(cluster.unit)?.[1] ?? cluster.name
  const path = join(runtimeDirectory, `hold-${instance}`)
  return {
    path,
    create: () => files.touch(path, 0o644),
    remove: () => files.remove(path),
    exists: async () => (await files.status(path)) !== undefined,
  }
}
