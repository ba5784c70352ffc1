import type { Cluster } from '../../core/cluster.ts'
import type { ControlFile } from '../../core/facts.ts'
import { ballastPath, isCoreFile, isEarlierLog, selectFreeable } from '../../core/safe-list.ts'
import type { SafeFile } from '../../core/safe-list.ts'
import type { Files, VolumeUse } from '../../ports/files.ts'

/** initdb's default. */
const DEFAULT_WAL_SEGMENT_BYTES = 16 << 20

/** Lock file, statistics, temporary files: what a start writes beside WAL. */
const BESIDE_WAL_BYTES = 8 << 20

/** Two WAL segments and a little: without them recovery cannot end, and so cannot free what it no longer needs. */
export function computeNeededBytes(controlFile: ControlFile | undefined): number {
  return 2 * (controlFile?.walSegmentBytes ?? DEFAULT_WAL_SEGMENT_BYTES) + BESIDE_WAL_BYTES
}

/** The fullest of the volumes of the data directory and of `pg_wal`. */
export async function findFullest(cluster: Cluster, files: Files): Promise<VolumeUse> {
  const [data, wal] = await Promise.all([files.volume(cluster.dataDirectory), files.volume(`${cluster.dataDirectory}/pg_wal`)])
  return wal.availableBytes < data.availableBytes ? wal : data
}

/** Bytes that the safe list could give back to the volume `device`; room elsewhere does not help. */
export async function computeFreeable(
  cluster: Cluster,
  files: Files,
  limits: { nowWallMs: number; logAgeMs: number; device: number },
): Promise<number> {
  const found = await Promise.all([
    look(files, ballastPath(cluster), 'ballast', limits.device),
    lookInside(files, directoryOf(cluster.logFile), 'server-log', limits.device, (name) => isEarlierLog(name, nameOf(cluster.logFile))),
    lookInside(files, cluster.dataDirectory, 'core-file', limits.device, isCoreFile),
  ])
  const freeable = selectFreeable({
    files: found.flat(),
    nowWallMs: limits.nowWallMs,
    logAgeMs: limits.logAgeMs,
    openLogPath: cluster.logFile,
  })
  return freeable.reduce((sum, file) => sum + file.allocatedBytes, 0)
}

async function lookInside(
  files: Files,
  directory: string,
  role: SafeFile['role'],
  device: number,
  concerns: (name: string) => boolean,
): Promise<SafeFile[]> {
  const names = directory === '' ? [] : ((await files.list(directory)) ?? []).filter(concerns)
  return (await Promise.all(names.map((name) => look(files, `${directory}/${name}`, role, device)))).flat()
}

async function look(files: Files, path: string, role: SafeFile['role'], device: number): Promise<SafeFile[]> {
  const status = await files.status(path)
  if (status?.kind !== 'file' || status.device !== device) return []
  return [{ path, role, allocatedBytes: status.allocatedBytes, modifiedWallMs: status.modifiedWallMs }]
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
