import { constants } from 'node:fs'
import type { FileStatus, VolumeUse } from '../../ports/files.ts'
import { attempt, attemptIfThere } from './failure.ts'
import { shareWhilePending } from './share.ts'
import type { FileStats, SystemCalls } from './system-calls.ts'

/** More names than this in one directory are cut off: nobody can read them, and memory is bounded. */
const MOST_NAMES = 100_000

/** `stat` counts allocated blocks in units of 512 bytes, whatever the file system's own. */
const BLOCK_BYTES = 512

export const status = shareWhilePending((calls, path) => attemptIfThere('look at', path, async () => toStatus(await calls.lstat(path))))

export const volume = shareWhilePending((calls, path) => attempt('measure the file system of', path, () => measure(calls, path)))

export function resolve(calls: SystemCalls, path: string): Promise<string | undefined> {
  return attemptIfThere('resolve', path, () => calls.realpath(path))
}

export async function list(calls: SystemCalls, path: string): Promise<readonly string[] | undefined> {
  const found = await status(calls, path)
  if (found === undefined) return undefined
  return attempt('list', path, async () => {
    const names: string[] = []
    for await (const entry of await calls.opendir(path, { bufferSize: 256 })) {
      names.push(entry.name)
      if (names.length === MOST_NAMES) break
    }
    return names.sort()
  })
}

/** Permission bits of a mode. */
export function permissionsOf(mode: number): number {
  return mode & 0o7777
}

function toStatus(stats: FileStats): FileStatus {
  return {
    kind: kindOf(stats),
    sizeBytes: stats.size,
    allocatedBytes: stats.blocks * BLOCK_BYTES,
    mode: permissionsOf(stats.mode),
    uid: stats.uid,
    gid: stats.gid,
    inode: stats.ino,
    device: stats.dev,
    modifiedWallMs: stats.mtimeMs,
  }
}

function kindOf(stats: FileStats): FileStatus['kind'] {
  switch (stats.mode & constants.S_IFMT) {
    case constants.S_IFREG:
      return 'file'
    case constants.S_IFDIR:
      return 'directory'
    case constants.S_IFLNK:
      return 'link'
    default:
      return 'other'
  }
}

/** In units of `frsize`. `bavail`, not `bfree`: PostgreSQL does not run as root and may not use the reserved blocks. */
async function measure(calls: SystemCalls, path: string): Promise<VolumeUse> {
  const [use, { dev }] = await Promise.all([calls.statfs(path), calls.stat(path)])
  return {
    device: dev,
    totalBytes: use.blocks * use.frsize,
    availableBytes: use.bavail * use.frsize,
    reservedBytes: Math.max(0, use.bfree - use.bavail) * use.frsize,
    totalInodes: use.files,
    freeInodes: use.ffree,
  }
}
