import { constants } from 'node:fs'
import { lstat, opendir, realpath, stat, statfs } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import type { FileStatus, VolumeUse } from '../../ports/files.ts'
import { attempt, attemptIfThere } from './failure.ts'
import { shareWhilePending } from './share.ts'

/** More names than this in one directory are cut off: nobody can read them, and memory is bounded. */
const MOST_NAMES = 100_000

/** `stat` counts allocated blocks in units of 512 bytes, whatever the file system's own. */
const BLOCK_BYTES = 512

export const status = shareWhilePending((path: string) => attemptIfThere('look at', path, async () => toStatus(await lstat(path))))

export const volume = shareWhilePending((path: string) => attempt('measure the file system of', path, () => measure(path)))

export function resolve(path: string): Promise<string | undefined> {
  return attemptIfThere('resolve', path, () => realpath(path))
}

export async function list(path: string): Promise<readonly string[] | undefined> {
  const found = await status(path)
  if (found === undefined) return undefined
  return attempt('list', path, async () => {
    const names: string[] = []
    for await (const entry of await opendir(path, { bufferSize: 256 })) {
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

function toStatus(stats: Stats): FileStatus {
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

function kindOf(stats: Stats): FileStatus['kind'] {
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
async function measure(path: string): Promise<VolumeUse> {
  const [use, { dev }] = await Promise.all([statfs(path), stat(path)])
  return {
    device: dev,
    totalBytes: use.blocks * use.frsize,
    availableBytes: use.bavail * use.frsize,
    totalInodes: use.files,
    freeInodes: use.ffree,
  }
}
