import type { Cluster } from '../../core/cluster.ts'
import { isCoreFile, isEarlierLog, selectFreeable } from '../../core/disk/safe-list.ts'
import type { SafeFile, SafeRole } from '../../core/disk/safe-list.ts'
import type { Files } from '../../ports/files.ts'
import { currentLogFile } from '../facts/current-log-file.ts'
import { findBallastPlaces } from './ballast-places.ts'

const FILES_AT_MOST = 1_000

export interface SafeFilesQuestion {
  readonly cluster: Cluster
  readonly files: Files
  readonly nowWallMs: number
  /** Server logs younger than this stay. */
  readonly logAgeMs: number
}

/** What may go to make room, on every file system, in the order in which it should. Rejects with `OutsideError`. */
export async function listSafeFiles({ cluster, files, nowWallMs, logAgeMs }: SafeFilesQuestion): Promise<readonly SafeFile[]> {
  const openLogPath = await currentLogFile(cluster, files)
  const found = await Promise.all([
    listBallast(cluster, files),
    listMatching(files, directoryOf(openLogPath), 'server-log', (name) => isEarlierLog(name, nameOf(openLogPath))),
    listMatching(files, cluster.dataDirectory, 'core-file', isCoreFile),
  ])
  return selectFreeable({ files: found.flat(), nowWallMs, logAgeMs, openLogPath })
}

async function listBallast(cluster: Cluster, files: Files): Promise<readonly SafeFile[]> {
  const paths = (await findBallastPlaces(cluster, files)).flatMap((place) => place.paths)
  return (await Promise.all(paths.map((path) => look(files, path, 'ballast')))).flat()
}

async function listMatching(
  files: Files,
  directory: string,
  role: SafeRole,
  matches: (name: string) => boolean,
): Promise<readonly SafeFile[]> {
  const names = directory === '' ? [] : ((await files.list(directory)) ?? []).filter(matches).slice(0, FILES_AT_MOST)
  return (await Promise.all(names.map((name) => look(files, `${directory}/${name}`, role)))).flat()
}

async function look(files: Files, path: string, role: SafeRole): Promise<readonly SafeFile[]> {
  const status = await files.status(path)
  if (status?.kind !== 'file') return []
  return [{ path, role, allocatedBytes: status.allocatedBytes, modifiedWallMs: status.modifiedWallMs, device: status.device }]
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
