import type { Cluster } from '../../core/cluster.ts'
import { ballastPath, innerBallastPath } from '../../core/disk/safe-list.ts'
import type { Files } from '../../ports/files.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import { findPlaces } from './places.ts'

/** One file system that a ballast is for. */
export interface BallastPlace {
  /** Which configured size it has: that of the first of these that lies there. */
  readonly role: 'data' | 'wal' | 'tablespace'
  readonly device: number
  /** Where it may lie, by preference; each on that file system. */
  readonly paths: readonly string[]
}

/**
 * The file systems of the data directory, of `pg_wal` and of the tablespaces, each once. Beside a directory of the server's a
 * ballast is in nobody's way; where that is another file system, or another user's directory, it lies inside.
 */
export async function findBallastPlaces(cluster: Cluster, files: Files): Promise<readonly BallastPlace[]> {
  const found = new Map<number, BallastPlace>()
  for (const { role, path } of await findPlaces(cluster, files)) {
    const device = role === 'log' ? undefined : await deviceOf(files, path)
    if (device === undefined || found.has(device)) continue
    const paths = await keepThoseOn(files, device, candidatesOf(cluster, role, path))
    found.set(device, { role: role === 'data' || role === 'wal' ? role : 'tablespace', device, paths })
  }
  return [...found.values()]
}

/** PostgreSQL puts nothing into a tablespace's own directory but one of its version. */
function candidatesOf(cluster: Cluster, role: string, path: string): readonly string[] {
  if (role === 'data') return [ballastPath(cluster), innerBallastPath(cluster, `${cluster.dataDirectory}/base`)]
  if (role === 'wal') return [ballastPath(cluster, parentOf(path)), innerBallastPath(cluster, path)]
  return [innerBallastPath(cluster, path)]
}

async function keepThoseOn(files: Files, device: number, paths: readonly string[]): Promise<readonly string[]> {
  const devices = await Promise.all(paths.map((path) => deviceOf(files, parentOf(path))))
  return paths.filter((_, index) => devices[index] === device)
}

/** `undefined` for a directory that cannot be looked at: no ballast is kept there. */
async function deviceOf(files: Files, path: string): Promise<number | undefined> {
  try {
    return (await files.volume(path)).device
  } catch (error) {
    if (error instanceof OutsideError) return undefined
    throw error
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
