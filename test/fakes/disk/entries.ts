import { constants } from 'node:fs'
import type { Disk, Place } from './disk.ts'
import { pathOf, releaseRoom } from './disk.ts'
import { systemError } from './errno.ts'
import type { FakeVolume, Inode } from './inode.ts'
import { changeNames } from './names.ts'

/** What system calls do with names. Each takes effect at once, and throws as the kernel refuses. */

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY, O_RDWR, O_DIRECTORY } = constants

export function expect(disk: Disk, syscall: string, path: string, followLast: boolean): Inode {
  const place = disk.find(path, followLast)
  if (place?.inode === undefined) throw systemError(place === undefined && isBlocked(disk, path) ? 'ENOTDIR' : 'ENOENT', syscall, path)
  return place.inode
}

/** Whether a file is in the place of a directory on the way. */
function isBlocked(disk: Disk, path: string): boolean {
  const parts = path.split('/')
  const ways = parts.map((_, index) => parts.slice(0, index).join('/')).filter((way) => way !== '')
  return ways.some((way) => !['directory', undefined].includes(disk.find(way, true)?.inode?.kind))
}

export function writable(disk: Disk, syscall: string, path: string): Inode {
  const inode = expect(disk, syscall, path, true)
  refuseReadOnly(inode.volume, syscall, path)
  return inode
}

export function open(disk: Disk, path: string, flags: number, mode = 0o666): Inode {
  const found = disk.find(path, (flags & (O_NOFOLLOW | O_EXCL)) === 0)?.inode
  const writes = (flags & (O_WRONLY | O_RDWR)) !== 0
  if (found === undefined && (flags & O_CREAT) !== 0) return add(disk, 'open', path, (volume) => disk.create('file', { volume, mode }))
  if (found === undefined) return expect(disk, 'open', path, true)
  if ((flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0) throw systemError('EEXIST', 'open', path)
  if (found.kind === 'link') throw systemError('ELOOP', 'open', path)
  if (found.kind === 'directory' && writes) throw systemError('EISDIR', 'open', path)
  if (found.kind !== 'directory' && (flags & O_DIRECTORY) !== 0) throw systemError('ENOTDIR', 'open', path)
  if (writes) refuseReadOnly(found.volume, 'open', path)
  return found
}

/** Makes a directory; with `recursive` its parents too, and it may be there. Returns the first one that was made. */
export function makeDirectory(disk: Disk, path: string, mode: number, recursive: boolean): string | undefined {
  const found = disk.find(path, true)
  if (found?.inode !== undefined) {
    if (recursive && found.inode.kind === 'directory') return undefined
    throw systemError('EEXIST', 'mkdir', path)
  }
  const parent = path.slice(0, path.replace(/\/+$/, '').lastIndexOf('/')) || '/'
  const first = recursive ? makeDirectory(disk, parent, mode, true) : undefined
  add(disk, 'mkdir', path, (volume) => disk.create('directory', { volume, mode }))
  return recursive ? (first ?? path) : undefined
}

/** Adds a name that must not be there. */
export function add(disk: Disk, syscall: string, path: string, make: (volume: FakeVolume) => Inode): Inode {
  const { directory, name, inode } = placeFor(disk, syscall, path)
  const { volume } = directory
  if (inode !== undefined) throw systemError('EEXIST', syscall, path)
  refuseReadOnly(volume, syscall, path)
  const hasRoom = syscall !== 'mkdir' || volume.availableBytes > 0
  if (!hasRoom || (volume.totalInodes > 0 && volume.freeInodes <= 0)) throw systemError('ENOSPC', syscall, path)
  const made = make(volume)
  changeNames(volume, [{ directory, name, inode: made }])
  disk.tell(`${pathOf(directory)}/${name}`)
  return made
}

/** Takes a name away from what is of one of `kinds`. */
export function take(disk: Disk, syscall: string, path: string, kinds: readonly Inode['kind'][]): void {
  const inode = expect(disk, syscall, path, false)
  const { directory, name } = placeFor(disk, syscall, path)
  if (!kinds.includes(inode.kind)) throw systemError(inode.kind === 'directory' ? 'EISDIR' : 'ENOTDIR', syscall, path)
  if (inode.entries.size > 0) throw systemError('ENOTEMPTY', syscall, path)
  refuseReadOnly(directory.volume, syscall, path)
  changeNames(directory.volume, [{ directory, name, inode: undefined }])
  releaseRoom(inode)
  disk.tell(`${pathOf(directory)}/${name}`)
}

export function link(disk: Disk, from: string, to: string): void {
  const source = expect(disk, 'link', from, false)
  const { directory } = placeFor(disk, 'link', to)
  if (directory.volume !== source.volume) throw systemError('EXDEV', 'link', from)
  add(disk, 'link', to, () => source)
}

/** Replaces the target, as `rename` does. */
export function rename(disk: Disk, from: string, to: string): void {
  const moved = expect(disk, 'rename', from, false)
  const [source, target] = [placeFor(disk, 'rename', from), placeFor(disk, 'rename', to)]
  const replaced = target.inode
  if (source.directory.volume !== target.directory.volume) throw systemError('EXDEV', 'rename', from)
  refuseReadOnly(source.directory.volume, 'rename', from)
  if (replaced !== undefined && replaced.kind === 'directory' && replaced.entries.size > 0) throw systemError('ENOTEMPTY', 'rename', from)
  if (replaced === moved) return
  changeNames(source.directory.volume, [
    { directory: source.directory, name: source.name, inode: undefined },
    { directory: target.directory, name: target.name, inode: moved },
  ])
  if (replaced !== undefined) releaseRoom(replaced)
  disk.tell(from)
  disk.tell(to)
}

function placeFor(disk: Disk, syscall: string, path: string): Place {
  const place = disk.find(path, false)
  if (place === undefined) throw systemError(isBlocked(disk, path) ? 'ENOTDIR' : 'ENOENT', syscall, path)
  return place
}

function refuseReadOnly(volume: FakeVolume, syscall: string, path: string): void {
  if (volume.readOnly) throw systemError('EROFS', syscall, path)
}
