import { constants } from 'node:fs'
import type { FileStats, SystemCalls } from '../../../src/adapters/filesystem/system-calls.ts'
import type { Disk } from './disk.ts'
import { pathOf } from './disk.ts'
import { add, expect, link, makeDirectory, open, rename, take, writable } from './entries.ts'
import { systemError } from './errno.ts'
import type { Inode } from './inode.ts'
import { createOpenFile } from './open-file.ts'

/** One system call on its way to the disk. */
export interface DiskCall<T> {
  readonly operation: string
  /** Of a call with two paths both, with a blank between. */
  readonly path: string
  act(): T
  /** What a kill in the middle leaves behind; nothing unless given. */
  half?(): void
  /** What a failure leaves behind; nothing unless given. */
  failed?(): void
}

/** Carries a call out, or makes it fail. */
export type Pass = <T>(call: DiskCall<T>) => Promise<T>

export const passAlways: Pass = async ({ act }) => act()

const BLOCK_BYTES = 512
const PAGE_BYTES = 4096

/** The system calls of one process on a disk in memory. */
export function createSystemCalls(disk: Disk, pass: Pass, getrandom: SystemCalls['getrandom']): SystemCalls {
  return { ...createLooking(disk, pass), ...createNaming(disk, pass), ...createMarking(disk, pass), getrandom }
}

type Looking = Pick<SystemCalls, 'lstat' | 'stat' | 'statfs' | 'realpath' | 'opendir' | 'readlink'>

function createLooking(disk: Disk, pass: Pass): Looking {
  return {
    lstat: (path) => pass({ operation: 'lstat', path, act: () => statsOf(expect(disk, 'lstat', path, false)) }),
    stat: (path) => pass({ operation: 'stat', path, act: () => statsOf(expect(disk, 'stat', path, true)) }),
    statfs: (path) => pass({ operation: 'statfs', path, act: () => useOf(expect(disk, 'statfs', path, true)) }),
    realpath: (path) => pass({ operation: 'realpath', path, act: () => realPathOf(disk, path) }),
    opendir: (path) => pass({ operation: 'opendir', path, act: () => namesIn(expect(disk, 'opendir', path, true), path) }),
    readlink: (path) => pass({ operation: 'readlink', path, act: () => expect(disk, 'readlink', path, false).target }),
  }
}

type Marking = Pick<SystemCalls, 'chmod' | 'lchown' | 'utimes'>

function createMarking(disk: Disk, pass: Pass): Marking {
  const mark = (operation: keyof Marking, path: string, marks: Partial<Inode>): Promise<void> =>
    pass({ operation, path, act: () => void Object.assign(writable(disk, operation, path), marks) })
  return {
    chmod: (path, mode) => mark('chmod', path, { mode }),
    lchown: (path, uid, gid) => mark('lchown', path, { uid, gid }),
    utimes: (path, _accessed, modified) => mark('utimes', path, { modifiedWallMs: modified.getTime() }),
  }
}

function createNaming(disk: Disk, pass: Pass): Omit<SystemCalls, keyof Looking | keyof Marking | 'getrandom'> {
  const unlink = (path: string): Promise<void> =>
    pass({ operation: 'unlink', path, act: () => take(disk, 'unlink', path, ['file', 'link']) })
  const rmdir = (path: string): Promise<void> => pass({ operation: 'rmdir', path, act: () => take(disk, 'rmdir', path, ['directory']) })

  async function rm(path: string): Promise<void> {
    const inode = disk.find(path, false)?.inode
    for (const name of [...(inode?.entries.keys() ?? [])]) await rm(`${path}/${name}`)
    if (inode !== undefined) await (inode.kind === 'directory' ? rmdir(path) : unlink(path))
  }

  return {
    async open(path, flags, mode) {
      const operation = (flags & constants.O_CREAT) === 0 ? 'open' : 'create'
      const inode = await pass({ operation, path, act: () => open(disk, path, flags, mode) })
      return createOpenFile(disk, pass, { inode, path, appends: (flags & constants.O_APPEND) !== 0 })
    },
    mkdir: (path, { mode, recursive }) =>
      pass({ operation: 'mkdir', path, act: () => makeDirectory(disk, path, mode, recursive === true) }),
    rename: (from, to) => pass({ operation: 'rename', path: `${from} ${to}`, act: () => rename(disk, from, to) }),
    link: (from, to) => pass({ operation: 'link', path: `${from} ${to}`, act: () => link(disk, from, to) }),
    symlink: (target, path) =>
      pass({
        operation: 'symlink',
        path,
        act: () => void add(disk, 'symlink', path, (volume) => disk.create('link', { volume, target, mode: 0o777 })),
      }),
    unlink,
    rmdir,
    rm,
  }
}

function statsOf({ kind, content, mode, uid, gid, number, volume, modifiedWallMs }: Inode): FileStats {
  const type = { file: constants.S_IFREG, directory: constants.S_IFDIR, link: constants.S_IFLNK, other: constants.S_IFIFO }[kind]
  const time = new Date(modifiedWallMs)
  return {
    ...{ mode: type | mode, size: content.length, uid, gid, ino: number, dev: volume.device },
    ...{ blocks: (Math.ceil(content.length / PAGE_BYTES) * PAGE_BYTES) / BLOCK_BYTES },
    ...{ atime: time, mtime: time, mtimeMs: modifiedWallMs },
    ...{ isFile: () => kind === 'file', isDirectory: () => kind === 'directory', isSymbolicLink: () => kind === 'link' },
  }
}

function useOf({ volume }: Inode): Awaited<ReturnType<SystemCalls['statfs']>> {
  const { totalBytes, reservedBytes, totalInodes, freeInodes } = volume
  const availableBytes = Math.max(0, volume.availableBytes)
  const room = { blocks: totalBytes, bfree: availableBytes + reservedBytes, bavail: availableBytes }
  return { frsize: 1, ...room, files: totalInodes, ffree: freeInodes }
}

function realPathOf(disk: Disk, path: string): string {
  expect(disk, 'realpath', path, true)
  const { directory, name, inode } = disk.find(path, true)!
  return name === '' || inode?.kind === 'directory' ? pathOf(inode!) || '/' : `${pathOf(directory)}/${name}`
}

function namesIn({ kind, entries }: Inode, path: string): AsyncIterable<{ readonly name: string }> {
  if (kind !== 'directory') throw systemError('ENOTDIR', 'opendir', path)
  const names = [...entries.keys()]
  return (async function* () {
    for (const name of names) yield { name }
  })()
}
