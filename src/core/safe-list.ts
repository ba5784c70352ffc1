import type { Cluster } from './cluster.ts'

/** A file that stands on the safe list: nothing else is ever removed to make room. */
export interface SafeFile {
  readonly path: string
  readonly role: 'ballast' | 'server-log' | 'core-file'
  /** Bytes that its removal gives back (allocated, not nominal). */
  readonly allocatedBytes: number
  readonly modifiedWallMs: number
}

export interface SafeListInput {
  readonly files: readonly SafeFile[]
  readonly nowWallMs: number
  /** Server logs younger than this stay. */
  readonly logAgeMs: number
  /** The log that the server writes to; it is never removed. Empty when unknown: then no log is. */
  readonly openLogPath: string
}

/** What may go to make room, in the order in which it should: ballast, old server logs, core files; each oldest first. */
export function selectFreeable(input: SafeListInput): readonly SafeFile[] {
  const allowed = input.files.filter((file) => file.allocatedBytes > 0 && (file.role !== 'server-log' || isOldLog(file, input)))
  return (['ballast', 'server-log', 'core-file'] as const).flatMap((role) =>
    allowed.filter((file) => file.role === role).sort((one, other) => one.modifiedWallMs - other.modifiedWallMs),
  )
}

/** Where the ballast of a cluster lies: beside the data directory, or in `directory` where that is another file system. */
export function ballastPath(cluster: Pick<Cluster, 'name' | 'dataDirectory'>, directory: string = parentOf(cluster.dataDirectory)): string {
  return `${directory === '/' ? '' : directory}/.pgwatchd-ballast-${cluster.name}`
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
