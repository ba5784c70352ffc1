import type { VolumeUse } from '../ports/files.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { Look } from './probe.ts'

/** A directory that the server writes to. */
export interface Place {
  /** `data`, `wal`, `tablespace 16400`, `log`. */
  readonly role: string
  readonly path: string
}

/** Room on one file system, and everything of the cluster that it holds. */
export interface Volume {
  readonly roles: readonly string[]
  /** The first place on it. */
  readonly path: string
  readonly use: VolumeUse
}

export interface Unreadable extends Place {
  readonly why: string
}

/** Where the server writes, links resolved; a missing place keeps its own path, so that looking at it says so. */
export async function findPlaces({ cluster, outside }: Look): Promise<readonly Place[]> {
  const { files } = outside
  const tablespaces = (await files.list(`${cluster.dataDirectory}/pg_tblspc`)) ?? []
  const places: Place[] = [
    { role: 'data', path: cluster.dataDirectory },
    { role: 'wal', path: `${cluster.dataDirectory}/pg_wal` },
    ...tablespaces.map((oid) => ({ role: `tablespace ${oid}`, path: `${cluster.dataDirectory}/pg_tblspc/${oid}` })),
    ...(cluster.logFile === '' ? [] : [{ role: 'log', path: cluster.logFile.slice(0, cluster.logFile.lastIndexOf('/')) || '/' }]),
  ]
  return Promise.all(places.map(async ({ role, path }) => ({ role, path: (await files.resolve(path)) ?? path })))
}

/** Room of every file system below `places`, each once. */
export async function measureVolumes(
  { outside }: Look,
  places: readonly Place[],
): Promise<{ volumes: readonly Volume[]; unreadable: readonly Unreadable[] }> {
  const byDevice = new Map<number, Volume>()
  const unreadable: Unreadable[] = []
  for (const { role, path } of places) {
    try {
      const use = await outside.files.volume(path)
      const known = byDevice.get(use.device)
      byDevice.set(use.device, { roles: [...(known?.roles ?? []), role], path: known?.path ?? path, use })
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      unreadable.push({ role, path, why: error.message })
    }
  }
  return { volumes: [...byDevice.values()], unreadable }
}

/** Used shares from 0 to 1 as this process sees them: blocks that are reserved for root count as used. */
export function usedRatios({ totalBytes, availableBytes, totalInodes, freeInodes }: VolumeUse): { bytes: number; inodes: number } {
  const share = (total: number, free: number): number => (total === 0 ? 0 : 1 - free / total)
  return { bytes: share(totalBytes, availableBytes), inodes: share(totalInodes, freeInodes) }
}
