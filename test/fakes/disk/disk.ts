import type { VolumeUse } from '../../../src/ports/files.ts'
import { systemError } from './errno.ts'
import type { FakeVolume, Inode } from './inode.ts'

/** Where a path leads. */
export interface Place {
  readonly directory: Inode
  readonly name: string
  readonly inode: Inode | undefined
}

/** Inodes and names on volumes of limited room. Every change is seen at once; what outlives a power cut is another matter. */
export interface Disk {
  readonly root: Inode
  readonly volumes: readonly FakeVolume[]
  wallMs(): number
  /** `undefined` when a directory on the way is missing; links on the way are followed, the last one only on demand. */
  find(path: string, followLast: boolean): Place | undefined
  /** The volume of a path, or of its nearest ancestor that exists. */
  volumeOf(path: string): FakeVolume
  /** An inode that nothing names yet. */
  create(kind: Inode['kind'], differences: Partial<Inode> & { readonly volume: FakeVolume }): Inode
  /** Makes a directory the root of a volume of its own. */
  mount(directory: Inode, volume: Partial<FakeVolume>): FakeVolume
  /** Tells who watches `path`, or the directory that it is in. */
  tell(path: string): void
  watch(path: string, listener: () => void): () => void
}

const MOST_LINKS = 40

export function createDisk(wallMs: () => number): Disk {
  const volumes = [createVolume(1, {})]
  const watchers = new Set<{ readonly path: string; readonly listener: () => void }>()
  let inodes = 0

  function create(kind: Inode['kind'], differences: Partial<Inode> & { readonly volume: FakeVolume }): Inode {
    const content = new Uint8Array()
    inodes += 1
    return {
      ...{ number: inodes, kind, mode: 0o600, uid: 105, gid: 113, target: '', modifiedWallMs: wallMs() },
      ...{ links: 0, parent: undefined, content, durable: content, pending: [], hasFailed: false },
      ...{ entries: new Map(), durableEntries: new Map() },
      ...differences,
    }
  }

  const root = create('directory', { volume: volumes[0]!, mode: 0o755, links: 1 })
  const find: Disk['find'] = (path, followLast) => walk(root, path, followLast, 0)

  function volumeOf(path: string): FakeVolume {
    const place = find(path, true)
    return place?.inode?.volume ?? place?.directory.volume ?? volumeOf(parentOf(path))
  }

  return {
    root,
    volumes,
    wallMs,
    find,
    volumeOf,
    create,
    mount(directory, volume) {
      const mounted = createVolume(volumes.length + 1, volume)
      volumes.push(mounted)
      settleOn(directory, mounted)
      return mounted
    },
    tell(path) {
      for (const { path: watched, listener } of watchers)
        if (watched === path || watched === parentOf(path)) queueMicrotask(() => listener())
    },
    watch(path, listener) {
      const watcher = { path, listener }
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    },
  }
}

/** The same few paths are asked for again and again. */
const PARTS = new Map<string, readonly string[]>()
const MOST_PARTS = 10_000

function partsOf(path: string): readonly string[] {
  const known = PARTS.get(path)
  if (known !== undefined) return known
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (PARTS.size >= MOST_PARTS) PARTS.clear()
  PARTS.set(path, parts)
  return parts
}

function walk(root: Inode, path: string, followLast: boolean, depth: number): Place | undefined {
  const parts = partsOf(path)
  let directory = root
  let inode: Inode | undefined = root
  let name = ''
  for (let index = 0; index < parts.length; index += 1) {
    if (inode?.kind !== 'directory') return undefined
    const part = parts[index]!
    directory = part === '..' ? (inode.parent?.directory ?? inode) : inode
    name = part === '..' ? '' : part
    inode = part === '..' ? directory : directory.entries.get(part)
    if (inode?.kind !== 'link' || (index === parts.length - 1 && !followLast)) continue
    const { target } = inode
    const onward = [target.startsWith('/') ? '' : pathOf(directory), target, ...parts.slice(index + 1)].join('/')
    return depth < MOST_LINKS ? walk(root, onward, followLast, depth + 1) : undefined
  }
  return { directory, name, inode }
}

/** The path of a directory, without a slash at its end; empty for the root. */
export function pathOf({ parent }: Inode): string {
  return parent === undefined ? '' : `${pathOf(parent.directory)}/${parent.name}`
}

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

/** Takes room for what is written; throws ENOSPC. */
export function takeRoom(volume: FakeVolume, bytes: number, syscall: string, path: string): void {
  if (bytes > 0 && bytes > volume.availableBytes) throw systemError('ENOSPC', syscall, path)
  volume.availableBytes -= bytes
}

/** Gives the room of a file that nothing names any more back. */
export function releaseRoom({ links, kind, volume, content }: Inode): void {
  if (links === 0 && kind === 'file') volume.availableBytes += content.length
}

function settleOn(inode: Inode, volume: FakeVolume): void {
  inode.volume = volume
  for (const child of inode.entries.values()) settleOn(child, volume)
}

function createVolume(device: number, volume: Partial<FakeVolume>): FakeVolume {
  const room: VolumeUse = { device, totalBytes: 100e9, availableBytes: 50e9, reservedBytes: 0, totalInodes: 1e6, freeInodes: 9e5 }
  return { ...room, readOnly: false, copiesOnWrite: false, isVolatile: false, names: [], ...volume }
}
