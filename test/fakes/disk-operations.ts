import type { FileStatus } from '../../src/ports/files.ts'
import { failure } from './disk.ts'
import type { Disk } from './disk.ts'
import { parentOf } from './tree.ts'
import type { TreeNode } from './tree.ts'

/** The operations of `Files` on a disk in memory, each at once and whole. */

export function expect(disk: Disk, operation: string, path: string, follow = true): TreeNode {
  const node = disk.find(path, follow)
  if (node === undefined) throw failure(operation, path, 'ENOENT')
  return node
}

export function statusOf(disk: Disk, path: string): FileStatus | undefined {
  const node = disk.find(path, false)
  if (node === undefined) return undefined
  const { kind, content, mode, uid, gid, inode, modifiedWallMs } = node
  const { device } = disk.volumeOf(parentOf(path))
  return {
    kind,
    sizeBytes: content.length,
    allocatedBytes: Math.ceil(content.length / 4096) * 4096,
    mode,
    uid,
    gid,
    inode,
    device,
    modifiedWallMs,
  }
}

export function listNames(disk: Disk, path: string): string[] | undefined {
  const node = disk.find(path, true)
  if (node !== undefined && node.kind !== 'directory') throw failure('list', path, 'ENOTDIR')
  return node && disk.tree.children(disk.tree.locate(path, true))
}

export function readSlice(
  disk: Disk,
  path: string,
  limits: { readonly maxBytes: number; readonly offset?: number },
): Uint8Array | undefined {
  const node = disk.find(path, true)
  if (node?.kind === 'directory') throw failure('read', path, 'EISDIR')
  const offset = limits.offset ?? 0
  return node?.content.slice(offset, offset + limits.maxBytes)
}

/** The last bytes, from the first whole line on. */
export function cutTail(content: Uint8Array | undefined, maxBytes: number): string | undefined {
  if (content === undefined || content.length <= maxBytes) return toText(content)
  const tail = Buffer.from(content.slice(content.length - maxBytes - 1))
  const start = tail.indexOf('\n') + 1
  return start === 0 ? '' : tail.toString('utf8', start)
}

export function append(disk: Disk, path: string, content: Uint8Array, mode: number, wallMs: number): void {
  const node = disk.find(path, true)
  if (node === undefined) return disk.store('appendDurably', path, content, mode)
  disk.take('appendDurably', path, content.length)
  node.content = Buffer.concat([node.content, content])
  node.modifiedWallMs = wallMs
  disk.tell(disk.tree.locate(path, true))
}

export function overwrite(disk: Disk, path: string, offset: number, content: Uint8Array): void {
  const node = expect(disk, 'overwrite', path, false)
  if (node.kind !== 'file') throw failure('overwrite', path, node.kind === 'link' ? 'ELOOP' : 'EISDIR')
  const whole = new Uint8Array(Math.max(node.content.length, offset + content.length))
  whole.set(node.content)
  whole.set(content, offset)
  node.content = whole
  disk.tell(disk.tree.locate(path, false))
}

/** `allocate`, and `copy` once its content is known: a target that exists is refused. */
export function create(disk: Disk, operation: string, path: string, content: Uint8Array, mode: number): void {
  if (disk.find(path, false) !== undefined) throw failure(operation, path, 'EEXIST')
  disk.store(operation, path, content, mode)
}

export function move(disk: Disk, from: string, to: string): void {
  const { tree } = disk
  const [source, target] = [tree.locate(from, false), tree.locate(to, false)]
  expect(disk, 'move', from, false)
  if (tree.nodes.has(target)) throw failure('move', to, 'EEXIST')
  if (tree.nodes.get(parentOf(target))?.kind !== 'directory') throw failure('move', to, 'ENOENT')
  const sameVolume = disk.volumeOf(parentOf(source)) === disk.volumeOf(parentOf(target))
  for (const [path, node] of [...tree.nodes]) {
    if (path !== source && !path.startsWith(`${source}/`)) continue
    if (!sameVolume) disk.take('move', to, node.content.length)
    disk.drop(path)
    if (sameVolume) disk.take('move', to, node.content.length)
    tree.nodes.set(target + path.slice(source.length), node)
  }
  disk.tell(target)
}

export function makeDirectory(disk: Disk, path: string, mode: number): void {
  const at = disk.tree.locate(path, true)
  const node = disk.tree.nodes.get(at)
  if (node !== undefined && node.kind !== 'directory') throw failure('makeDirectory', path, 'EEXIST')
  if (node !== undefined) return
  makeDirectory(disk, parentOf(at), 0o755)
  disk.tree.add(at, { kind: 'directory', mode })
  disk.tell(at)
}

export function remove(disk: Disk, path: string): void {
  const at = disk.tree.locate(path, false)
  if (disk.tree.children(at).length > 0) throw failure('remove', path, 'ENOTEMPTY')
  disk.drop(at)
}

export function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : content
}

export function toText(content: Uint8Array | undefined): string | undefined {
  return content && Buffer.from(content).toString('utf8')
}
