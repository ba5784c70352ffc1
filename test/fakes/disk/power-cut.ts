import type { Random } from '../../../src/ports/random.ts'
import type { Disk } from './disk.ts'
import type { FakeVolume, Inode } from './inode.ts'
import { patched } from './inode.ts'
import { applyToDisk } from './names.ts'

const PAGE_BYTES = 4096
const SECTOR_BYTES = 512

/** How much of what was not synced outlives the cut. Each is what a file system may leave. */
export type Outcome =
  /** Nothing: all of it was still in memory. */
  | 'nothing'
  /** All: everything had just been written back. */
  | 'everything'
  /** Names in the order of their changes up to one of them, as a journal is replayed; of data some pages, the last one torn. */
  | 'journalled'
  /** Any of the changes of names, any of the pages. */
  | 'anything'

export const OUTCOMES: readonly Outcome[] = ['nothing', 'everything', 'journalled', 'anything']

/** The disk as it is found after the power was cut: what is durable, and of the rest what `outcome` and `random` leave. */
export function cutPower(disk: Disk, outcome: Outcome, random: Random): void {
  for (const volume of disk.volumes) keepSomeNames(volume, outcome, random)
  const before = roomOf(disk.root)
  const seen = new Set<Inode>()
  rebuild(disk.root, seen, (inode) => keepSomeWrites(inode, outcome, random))
  const after = roomOf(disk.root)
  for (const volume of disk.volumes) volume.availableBytes += (before.get(volume) ?? 0) - (after.get(volume) ?? 0)
}

function keepSomeNames(volume: FakeVolume, outcome: Outcome, random: Random): void {
  const changes = volume.names
  const length = Math.floor(random.fraction() * (changes.length + 1))
  for (const [index, change] of changes.entries()) {
    const isKept =
      outcome === 'everything' || (outcome === 'journalled' ? index < length : outcome === 'anything' && random.fraction() < 0.5)
    if (isKept) applyToDisk(change)
  }
  volume.names = []
}

/** Each directory as the disk has it, from the top; what no name leads to is gone. */
function rebuild(directory: Inode, seen: Set<Inode>, recover: (inode: Inode) => void): void {
  directory.entries.clear()
  if (directory.volume.isVolatile) directory.durableEntries.clear()
  for (const [name, inode] of directory.durableEntries) {
    directory.entries.set(name, inode)
    inode.links = seen.has(inode) ? inode.links + 1 : 1
    if (seen.has(inode)) continue
    seen.add(inode)
    if (inode.kind === 'directory') inode.parent = { directory, name }
    recover(inode)
    rebuild(inode, seen, recover)
  }
}

/** Pages reach the disk in any order; the one that is being written when the power fails may be torn between two sectors. */
function keepSomeWrites(inode: Inode, outcome: Outcome, random: Random): void {
  let content = inode.durable
  if (inode.pending.length > 0) content = content.slice()
  for (const { offset, bytes } of inode.pending) {
    for (const page of pagesOf(offset, bytes)) {
      const length = keptLength(page.bytes.length, outcome, random)
      if (length > 0) content = patched(content, page.offset, page.bytes.subarray(0, length))
    }
  }
  inode.content = content
  inode.durable = content
  inode.pending = []
  inode.hasFailed = false
}

function keptLength(length: number, outcome: Outcome, random: Random): number {
  if (outcome === 'everything') return length
  if (outcome === 'nothing' || random.fraction() < 0.4) return 0
  return random.fraction() < 0.7 ? length : Math.floor((random.fraction() * length) / SECTOR_BYTES) * SECTOR_BYTES
}

function pagesOf(offset: number, bytes: Uint8Array): { readonly offset: number; readonly bytes: Uint8Array }[] {
  const pages = []
  for (let start = 0; start < bytes.length;) {
    const end = Math.min(bytes.length, start + PAGE_BYTES - ((offset + start) % PAGE_BYTES))
    pages.push({ offset: offset + start, bytes: bytes.subarray(start, end) })
    start = end
  }
  return pages
}

/** Bytes of the files that names lead to, by volume. */
function roomOf(root: Inode): ReadonlyMap<FakeVolume, number> {
  const room = new Map<FakeVolume, number>()
  const seen = new Set<Inode>()
  const add = (inode: Inode): void => {
    if (seen.has(inode)) return
    seen.add(inode)
    if (inode.kind === 'file') room.set(inode.volume, (room.get(inode.volume) ?? 0) + inode.content.length)
    for (const child of inode.entries.values()) add(child)
  }
  add(root)
  return room
}
