import type { OpenFile } from '../../../src/adapters/filesystem/system-calls.ts'
import type { Disk } from './disk.ts'
import { takeRoom } from './disk.ts'
import { systemError } from './errno.ts'
import type { Inode } from './inode.ts'
import { loseWrites, makeDurable, writeInto } from './inode.ts'
import { loseNames, makeNamesDurable } from './names.ts'
import type { Pass } from './system-calls.ts'

/** What was opened, and how. */
export interface Opened {
  readonly inode: Inode
  readonly path: string
  readonly appends: boolean
}

/** An open file on a disk in memory; each call passes through `pass`. */
export function createOpenFile(disk: Disk, pass: Pass, { inode, path, appends }: Opened): OpenFile {
  let position = 0

  /** As much as there is room for; the number of bytes. */
  function write(bytes: Uint8Array, offset: number): number {
    const { volume } = inode
    if (volume.readOnly) throw systemError('EROFS', 'write', path)
    const growth = Math.max(0, offset + bytes.length - inode.content.length)
    const overwritten = bytes.length - growth
    if (volume.copiesOnWrite && overwritten > volume.availableBytes) throw systemError('ENOSPC', 'write', path)
    const length = overwritten + Math.min(growth, Math.max(0, volume.availableBytes))
    if (length === 0 && bytes.length > 0) throw systemError('ENOSPC', 'write', path)
    takeRoom(volume, length - overwritten, 'write', path)
    writeInto(inode, offset, bytes.subarray(0, length), disk.wallMs())
    disk.tell(path)
    return length
  }

  function passWrite(bytes: Uint8Array, offset: number): Promise<number> {
    const half = (): void => void write(bytes.subarray(0, bytes.length >> 1), offset)
    return pass({ operation: 'write', path, act: () => write(bytes, offset), half })
  }

  async function writeAll(content: string | Uint8Array): Promise<void> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    if (appends) position = inode.content.length
    for (let written = 0; written < bytes.length;) {
      const length = await passWrite(bytes.subarray(written), position)
      written += length
      position += length
    }
  }

  const sync = (operation: 'fsync' | 'fdatasync') => (): Promise<void> =>
    pass({ operation, path, act: () => flush(inode), failed: () => lose(inode) })

  return {
    fd: inode.number,
    read: async (into, offset, length, from) =>
      pass({
        operation: 'read',
        path,
        act() {
          const bytes = inode.content.subarray(from ?? position, (from ?? position) + length)
          into.set(bytes, offset)
          if (from === undefined) position += bytes.length
          return { bytesRead: bytes.length }
        },
      }),
    write: async (from, offset, length, at) => ({ bytesWritten: await passWrite(from.subarray(offset, offset + length), at) }),
    writeFile: writeAll,
    appendFile: writeAll,
    chmod: async (mode) => pass({ operation: 'chmod', path, act: () => void (inode.mode = mode) }),
    stat: async () => pass({ operation: 'stat', path, act: () => ({ size: inode.content.length }) }),
    sync: sync('fsync'),
    datasync: sync('fdatasync'),
    [Symbol.asyncDispose]: async () => {},
  }
}

function flush(inode: Inode): void {
  if (inode.kind === 'directory') makeNamesDurable(inode)
  else makeDurable(inode)
}

function lose(inode: Inode): void {
  if (inode.kind === 'directory') loseNames(inode)
  else loseWrites(inode)
}
