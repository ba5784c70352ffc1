import type { Files, FileStatus, VolumeUse } from '../../src/ports/files.ts'
import { OutsideError } from '../../src/ports/outside-error.ts'
import { createTree, parentOf } from './tree.ts'
import type { TreeNode } from './tree.ts'

export type FileOperation = Exclude<keyof Files, 'watch'>

export interface Fault {
  readonly operation: FileOperation
  /** Only for this path (of `move` and `copy`: the source); every path unless given. */
  readonly path?: string
  /** errno name. */
  readonly code: string
  /** How often it strikes; for ever unless given. */
  readonly times?: number
  /** True: the operation is done, and only then reported as failed. */
  readonly after?: boolean
}

/** A volume's numbers; `availableBytes` shrinks and grows with what is written and removed. */
export type FakeVolume = { -readonly [Key in keyof VolumeUse]: VolumeUse[Key] }

export interface FakeFiles extends Files {
  /** Puts a file there at once, with its parents; `status` changes what `status` tells. */
  put(path: string, content: string | Uint8Array, status?: Partial<TreeNode>): void
  putDirectory(path: string, mode?: number): void
  putLink(path: string, target: string): void
  /** Appends without going through the port, as the server does to its log; watchers are told. */
  grow(path: string, content: string): void
  /** Removes a path and everything below it at once. */
  erase(path: string): void
  /** What a file holds, as text; `undefined` when it does not exist. */
  textOf(path: string): string | undefined
  /** Every path, sorted. */
  paths(): string[]
  /** Makes `path` the root of a volume of its own. */
  mount(path: string, volume: Partial<VolumeUse>): FakeVolume
  /** The volume that holds a path; the root's is device 1 with 100 GB, half of it free. */
  volumeOf(path: string): FakeVolume
  fail(fault: Fault): void
  clearFaults(): void
  /** Calls so far, as "operation path". */
  readonly calls: string[]
}

/** Files in memory. Every operation takes effect at once and whole, unless a fault says otherwise. */
export function createFakeFiles(wallMs: () => number = () => Date.UTC(2026, 10, 21)): FakeFiles {
  const tree = createTree(wallMs)
  const volumes = new Map<string, FakeVolume>([['/', createVolume(1, {})]])
  const watchers = new Set<{ readonly path: string; readonly listener: () => void }>()
  const calls: string[] = []
  let faults: (Fault & { struck: number })[] = []

  async function operate<T>(operation: FileOperation, path: string, act: () => T): Promise<T> {
    calls.push(`${operation} ${path}`)
    const fault = faults.find((each) => each.operation === operation && (each.path ?? path) === path && each.struck < (each.times ?? Infinity))
    if (fault === undefined) return act()
    fault.struck += 1
    if (fault.after) act()
    throw failure(operation, path, fault.code)
  }

  function volumeOf(path: string): FakeVolume {
    const real = tree.locate(path, true)
    const roots = [...volumes.keys()].filter((root) => root === '/' || real === root || real.startsWith(`${root}/`))
    return volumes.get(roots.sort((one, other) => other.length - one.length)[0] ?? '/') ?? createVolume(1, {})
  }

  const find = (path: string, follow: boolean): TreeNode | undefined => tree.nodes.get(tree.locate(path, follow))

  function expect(operation: FileOperation, path: string, follow = true): TreeNode {
    const node = find(path, follow)
    if (node === undefined) throw failure(operation, path, 'ENOENT')
    return node
  }

  function tell(path: string): void {
    for (const { path: watched, listener } of watchers) if (watched === path || watched === parentOf(path)) queueMicrotask(listener)
  }

  function take(operation: FileOperation, path: string, bytes: number): void {
    const volume = volumeOf(parentOf(path))
    if (bytes > volume.availableBytes) throw failure(operation, path, 'ENOSPC')
    volume.availableBytes -= bytes
  }

  function store(operation: FileOperation, path: string, content: Uint8Array, mode: number): void {
    const at = tree.locate(path, false)
    if (tree.nodes.get(parentOf(at))?.kind !== 'directory') throw failure(operation, path, 'ENOENT')
    const before = tree.nodes.get(at)
    if (before?.kind === 'directory') throw failure(operation, path, 'EISDIR')
    take(operation, path, content.length - (before?.content.length ?? 0))
    tree.add(at, { content: content.slice(), mode })
    tell(at)
  }

  function append(operation: FileOperation, path: string, content: Uint8Array, mode: number): void {
    const node = find(path, true)
    if (node === undefined) return store(operation, path, content, mode)
    take(operation, path, content.length)
    node.content = Buffer.concat([node.content, content])
    node.modifiedWallMs = wallMs()
    tell(tree.locate(path, true))
  }

  function drop(path: string): void {
    const node = tree.nodes.get(path)
    if (node === undefined) return
    volumeOf(parentOf(path)).availableBytes += node.content.length
    tree.nodes.delete(path)
    tell(path)
  }

  function readSlice(path: string, limits: { readonly maxBytes: number; readonly offset?: number }): Uint8Array | undefined {
    const node = find(path, true)
    if (node?.kind === 'directory') throw failure('read', path, 'EISDIR')
    const offset = limits.offset ?? 0
    return node?.content.slice(offset, offset + limits.maxBytes)
  }

  function rename(from: string, to: string): void {
    const [source, target] = [tree.locate(from, false), tree.locate(to, false)]
    expect('move', from, false)
    if (tree.nodes.has(target)) throw failure('move', to, 'EEXIST')
    if (tree.nodes.get(parentOf(target))?.kind !== 'directory') throw failure('move', to, 'ENOENT')
    for (const [path, node] of [...tree.nodes]) {
      if (path !== source && !path.startsWith(`${source}/`)) continue
      if (volumeOf(parentOf(source)) !== volumeOf(parentOf(target))) take('move', to, node.content.length)
      else volumeOf(parentOf(target)).availableBytes -= node.content.length
      drop(path)
      tree.nodes.set(target + path.slice(source.length), node)
    }
    tell(target)
  }

  function makeDirectory(path: string, mode: number): void {
    const at = tree.locate(path, true)
    const node = tree.nodes.get(at)
    if (node !== undefined && node.kind !== 'directory') throw failure('makeDirectory', path, 'EEXIST')
    if (node !== undefined) return
    makeDirectory(parentOf(at), 0o755)
    tree.add(at, { kind: 'directory', mode })
    tell(at)
  }

  function remove(path: string): void {
    const at = tree.locate(path, false)
    if (tree.children(at).length > 0) throw failure('remove', path, 'ENOTEMPTY')
    drop(at)
  }

  const fake: FakeFiles = {
    status: (path) => operate('status', path, () => toStatus(find(path, false), volumeOf(parentOf(path)).device)),
    resolve: (path) => operate('resolve', path, () => (find(path, true) === undefined ? undefined : tree.locate(path, true))),
    volume: (path) => operate('volume', path, () => (expect('volume', path), { ...volumeOf(path) })),
    list: (path) => operate('list', path, () => listNames(path)),
    read: (path, limits) => operate('read', path, () => readSlice(path, limits)),
    readText: (path, limits) => operate('readText', path, () => toText(readSlice(path, limits))),
    readTail: (path, maxBytes) => operate('readTail', path, () => cutTail(find(path, true)?.content, maxBytes)),
    writeDurably: (path, content, mode) => operate('writeDurably', path, () => store('writeDurably', path, toBytes(content), mode)),
    overwrite: (path, offset, content) => operate('overwrite', path, () => overwrite(path, offset, content)),
    appendDurably: (path, content, mode) => operate('appendDurably', path, () => append('appendDurably', path, toBytes(content), mode)),
    allocate: (path, sizeBytes, mode) => operate('allocate', path, () => allocate(path, sizeBytes, mode)),
    touch: (path, mode) => operate('touch', path, () => void (find(path, true) ?? store('touch', path, new Uint8Array(), mode))),
    makeDirectory: (path, mode) => operate('makeDirectory', path, () => makeDirectory(path, mode)),
    move: (from, to) => operate('move', from, () => rename(from, to)),
    copy: (from, to, mode) => operate('copy', from, () => copy(from, to, mode)),
    remove: (path) => operate('remove', path, () => remove(path)),
    changeMode: (path, mode) => operate('changeMode', path, () => void (expect('changeMode', path).mode = mode)),
    watch(path, listener) {
      const watcher = { path, listener }
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    },
    put(path, content, status = {}) {
      fake.putDirectory(parentOf(path), 0o755)
      const at = tree.locate(path, false)
      drop(at)
      volumeOf(parentOf(at)).availableBytes -= content.length
      tree.add(at, { content: toBytes(content).slice(), ...status })
      tell(at)
    },
    putDirectory: (path, mode = 0o700) => makeDirectory(path, mode),
    putLink: (path, target) => void (fake.putDirectory(parentOf(path), 0o755), tree.add(tree.locate(path, false), { kind: 'link', target, mode: 0o777 })),
    grow: (path, content) => append('appendDurably', path, toBytes(content), 0o640),
    erase: (path) => [...tree.nodes.keys()].filter((each) => each === path || each.startsWith(`${path}/`)).forEach(drop),
    textOf: (path) => toText(find(path, true)?.content),
    paths: () => [...tree.nodes.keys()].sort(),
    mount(path, volume) {
      fake.putDirectory(path, 0o755)
      const mounted = createVolume(volumes.size + 1, volume)
      volumes.set(path, mounted)
      return mounted
    },
    volumeOf,
    fail: (fault) => void faults.push({ ...fault, struck: 0 }),
    clearFaults: () => void (faults = []),
    calls,
  }
  return fake

  function listNames(path: string): string[] | undefined {
    const node = find(path, true)
    if (node !== undefined && node.kind !== 'directory') throw failure('list', path, 'ENOTDIR')
    return node && tree.children(tree.locate(path, true))
  }

  function allocate(path: string, sizeBytes: number, mode: number): void {
    if (find(path, false) !== undefined) throw failure('allocate', path, 'EEXIST')
    store('allocate', path, new Uint8Array(sizeBytes), mode)
  }

  function overwrite(path: string, offset: number, content: Uint8Array): void {
    const node = expect('overwrite', path, false)
    if (node.kind !== 'file') throw failure('overwrite', path, node.kind === 'link' ? 'ELOOP' : 'EISDIR')
    const whole = new Uint8Array(Math.max(node.content.length, offset + content.length))
    whole.set(node.content)
    whole.set(content, offset)
    node.content = whole
    tell(tree.locate(path, false))
  }

  function copy(from: string, to: string, mode: number): void {
    const source = expect('copy', from)
    if (find(to, false) !== undefined) throw failure('copy', to, 'EEXIST')
    store('copy', to, source.content, mode)
  }
}

function createVolume(device: number, volume: Partial<VolumeUse>): FakeVolume {
  return { device, totalBytes: 100e9, availableBytes: 50e9, totalInodes: 1e6, freeInodes: 9e5, ...volume }
}

function failure(operation: string, path: string, code: string): OutsideError {
  return new OutsideError({ operation, object: path, code, reason: code })
}

function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : content
}

function toText(content: Uint8Array | undefined): string | undefined {
  return content && Buffer.from(content).toString('utf8')
}

function toStatus(node: TreeNode | undefined, device: number): FileStatus | undefined {
  if (node === undefined) return undefined
  const { kind, content, mode, uid, gid, inode, modifiedWallMs } = node
  return { kind, sizeBytes: content.length, allocatedBytes: Math.ceil(content.length / 4096) * 4096, mode, uid, gid, inode, device, modifiedWallMs }
}

function cutTail(content: Uint8Array | undefined, maxBytes: number): string | undefined {
  if (content === undefined || content.length <= maxBytes) return toText(content)
  const tail = Buffer.from(content.slice(content.length - maxBytes - 1))
  const start = tail.indexOf('\n') + 1
  return start === 0 ? '' : tail.toString('utf8', start)
}
