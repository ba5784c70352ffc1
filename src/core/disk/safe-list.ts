import type { Cluster } from '../cluster.ts'

export const SAFE_ROLES = ['ballast', 'server-log', 'core-file'] as const
export type SafeRole = (typeof SAFE_ROLES)[number]

/** A file that stands on the safe list: nothing else is ever removed to make room. */
export interface SafeFile {
  readonly path: string
  readonly role: SafeRole
  /** Bytes that its removal gives back (allocated, not nominal). */
  readonly allocatedBytes: number
  readonly modifiedWallMs: number
  /** The file system that it lies on: room elsewhere does not help. */
  readonly device: number
}

export interface SafeListInput {
  readonly files: readonly SafeFile[]
  readonly nowWallMs: number
  /** Server logs younger than this stay. */
  readonly logAgeMs: number
  /** The log that the server writes to; it is never removed. Empty when unknown: then no log is. */
  readonly openLogPath: string
}

/** What could be given back on one file system. */
export interface Freeable {
  readonly bytes: number
  /** The ballast is one file, and no help where inodes are lacking. */
  readonly inodes: number
}

/** What may go to make room, in the order in which it should: ballast, old server logs, core files; each oldest first. */
export function selectFreeable(input: SafeListInput): readonly SafeFile[] {
  const allowed = input.files.filter((file) => file.allocatedBytes > 0 && (file.role !== 'server-log' || isOldLog(file, input)))
  return SAFE_ROLES.flatMap((role) =>
    allowed.filter((file) => file.role === role).sort((one, other) => one.modifiedWallMs - other.modifiedWallMs),
  )
}

/** What these files would give back to the file system `device`. */
export function sumFreeable(files: readonly SafeFile[], device: number): Freeable {
  const there = files.filter((file) => file.device === device)
  return {
    bytes: there.reduce((sum, file) => sum + file.allocatedBytes, 0),
    inodes: there.filter((file) => file.role !== 'ballast').length,
  }
}

/** Where the ballast of a cluster lies by choice: beside the data directory, or in `directory`. */
export function ballastPath(cluster: Pick<Cluster, 'name' | 'dataDirectory'>, directory: string = parentOf(cluster.dataDirectory)): string {
  return `${directory === '/' ? '' : directory}/.pgwatchd-ballast-${cluster.name}`
}

/**
 * Where it lies inside a directory of the server's own, such as a mount point, beside which is another file system. PostgreSQL
 * takes the name for that of a temporary file: pg_basebackup, pg_rewind, pg_checksums and pg_upgrade pass over it, and the
 * server itself clears only directories called pgsql_tmp. pg_rewind passes over it below the data directory only, not in it.
 */
export function innerBallastPath(cluster: Pick<Cluster, 'name'>, directory: string): string {
  return `${directory}/pgsql_tmp.pgwatchd-ballast-${cluster.name}`
}

/**
 * Whether `name`, in the directory of the open log, is an earlier log of the same server: rotated (`x.log.1`, `x.log.2.gz`), or
 * of an earlier time when the open log's name carries one. Logs of other clusters lie in the same directory.
 */
export function isEarlierLog(name: string, openLogName: string): boolean {
  if (openLogName === '' || name === openLogName) return false
  if (name.startsWith(`${openLogName}.`)) return /^\.\d+(\.(gz|xz|zst|bz2))?$/.test(name.slice(openLogName.length))
  const digits = openLogName.replace(/\D/g, '').length
  return digits >= 8 && toShape(name) === toShape(openLogName) && name < openLogName
}

/** Whether `name`, in the data directory, is a core dump of the server. */
export function isCoreFile(name: string): boolean {
  return /^core(\.\d+)?$/.test(name)
}

function isOldLog(file: SafeFile, { openLogPath, nowWallMs, logAgeMs }: SafeListInput): boolean {
  return openLogPath !== '' && file.path !== openLogPath && nowWallMs - file.modifiedWallMs >= logAgeMs
}

/** A timestamped name with each digit replaced, so that two times of one pattern compare equal. */
function toShape(name: string): string {
  return name.replace(/\d/g, '#')
}

function parentOf(path: string): string {
  return path.replace(/\/+$/, '').replace(/\/[^/]*$/, '') || '/'
}
