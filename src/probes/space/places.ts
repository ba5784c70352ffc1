import type { Cluster } from '../../core/cluster.ts'
import type { Files } from '../../ports/files.ts'

/** A directory that the server writes to. */
export interface Place {
  /** `data`, `wal`, `tablespace 16400`, `log`. */
  readonly role: string
  readonly path: string
}

/** Where the server writes, links resolved; a missing place keeps its own path, so that looking at it says so. */
export async function findPlaces(cluster: Cluster, files: Files): Promise<readonly Place[]> {
  const tablespaces = (await files.list(`${cluster.dataDirectory}/pg_tblspc`)) ?? []
  const places: Place[] = [
    { role: 'data', path: cluster.dataDirectory },
    { role: 'wal', path: `${cluster.dataDirectory}/pg_wal` },
    ...tablespaces.map((oid) => ({ role: `tablespace ${oid}`, path: `${cluster.dataDirectory}/pg_tblspc/${oid}` })),
    ...(cluster.logFile === '' ? [] : [{ role: 'log', path: cluster.logFile.slice(0, cluster.logFile.lastIndexOf('/')) || '/' }]),
  ]
  return Promise.all(places.map(async ({ role, path }) => ({ role, path: (await files.resolve(path)) ?? path })))
}
