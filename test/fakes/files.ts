import type { Files, VolumeUse } from '../../src/ports/files.ts'
import { createDisk, failure } from './disk.ts'
import type { Disk, FakeVolume } from './disk.ts'
import * as on from './disk-operations.ts'
import { parentOf } from './tree.ts'
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

/** Runs one operation of the port: noted, and made to fail when a fault says so. */
type Operate = <T>(operation: FileOperation, path: string, act: () => T) => Promise<T>

/** Files in memory. Every operation takes effect at once and whole, unless a fault says otherwise. */
export function createFakeFiles(wallMs: () => number = () => Date.UTC(2026, 10, 21)): FakeFiles {
  const disk = createDisk(wallMs)
  const calls: string[] = []
  let faults: (Fault & { struck: number })[] = []

  const operate: Operate = async (operation, path, act) => {
    calls.push(`${operation} ${path}`)
    const fault = faults.find(
      (each) => each.operation === operation && (each.path ?? path) === path && each.struck < (each.times ?? Infinity),
    )
    if (fault === undefined) return act()
    fault.struck += 1
    if (fault.after) act()
    throw failure(operation, path, fault.code)
  }

  return {
    ...createReading(disk, operate),
    ...createWriting(disk, operate, wallMs),
    ...createHands(disk, wallMs),
    watch: disk.watch,
    fail: (fault) => void faults.push({ ...fault, struck: 0 }),
    clearFaults: () => void (faults = []),
    calls,
  }
}

function createReading(
  disk: Disk,
  operate: Operate,
): Pick<Files, 'status' | 'resolve' | 'volume' | 'list' | 'read' | 'readText' | 'readTail'> {
  return {
    status: (path) => operate('status', path, () => on.statusOf(disk, path)),
    resolve: (path) => operate('resolve', path, () => disk.find(path, true) && disk.tree.locate(path, true)),
    volume: (path) => operate('volume', path, () => (on.expect(disk, 'volume', path), { ...disk.volumeOf(path) })),
    list: (path) => operate('list', path, () => on.listNames(disk, path)),
    read: (path, limits) => operate('read', path, () => on.readSlice(disk, path, limits)),
    readText: (path, limits) => operate('readText', path, () => on.toText(on.readSlice(disk, path, limits))),
    readTail: (path, maxBytes) => operate('readTail', path, () => on.cutTail(disk.find(path, true)?.content, maxBytes)),
  }
}

type Writing = Omit<Files, 'status' | 'resolve' | 'volume' | 'list' | 'read' | 'readText' | 'readTail' | 'watch'>

function createWriting(disk: Disk, operate: Operate, wallMs: () => number): Writing {
  const empty = new Uint8Array()
  return {
    writeDurably: (path, content, mode) => operate('writeDurably', path, () => disk.store('writeDurably', path, on.toBytes(content), mode)),
    overwrite: (path, offset, content) => operate('overwrite', path, () => on.overwrite(disk, path, offset, content)),
    appendDurably: (path, content, mode) =>
      operate('appendDurably', path, () => on.append(disk, path, on.toBytes(content), mode, wallMs())),
    allocate: (path, sizeBytes, mode) =>
      operate('allocate', path, () => on.create(disk, 'allocate', path, new Uint8Array(sizeBytes), mode)),
    touch: (path, mode) => operate('touch', path, () => void (disk.find(path, true) ?? disk.store('touch', path, empty, mode))),
    makeDirectory: (path, mode) => operate('makeDirectory', path, () => on.makeDirectory(disk, path, mode)),
    move: (from, to) => operate('move', from, () => on.move(disk, from, to)),
    copy: (from, to, mode) => operate('copy', from, () => on.create(disk, 'copy', to, on.expect(disk, 'copy', from).content, mode)),
    remove: (path) => operate('remove', path, () => on.remove(disk, path)),
    changeMode: (path, mode) => operate('changeMode', path, () => void (on.expect(disk, 'changeMode', path).mode = mode)),
  }
}

type Hands = Pick<FakeFiles, 'put' | 'putDirectory' | 'putLink' | 'grow' | 'erase' | 'textOf' | 'paths' | 'mount' | 'volumeOf'>

/** What a test does behind the port's back. */
function createHands(disk: Disk, wallMs: () => number): Hands {
  const { tree } = disk
  return {
    put(path, content, status = {}) {
      on.makeDirectory(disk, parentOf(path), 0o755)
      const at = tree.locate(path, false)
      disk.drop(at)
      disk.volumeOf(parentOf(at)).availableBytes -= content.length
      tree.add(at, { content: on.toBytes(content).slice(), ...status })
      disk.tell(at)
    },
    putDirectory: (path, mode = 0o700) => on.makeDirectory(disk, path, mode),
    putLink(path, target) {
      on.makeDirectory(disk, parentOf(path), 0o755)
      tree.add(tree.locate(path, false), { kind: 'link', target, mode: 0o777 })
    },
    grow: (path, content) => on.append(disk, path, on.toBytes(content), 0o640, wallMs()),
    erase: (path) => [...tree.nodes.keys()].filter((each) => each === path || each.startsWith(`${path}/`)).forEach(disk.drop),
    textOf: (path) => on.toText(disk.find(path, true)?.content),
    paths: () => [...tree.nodes.keys()].sort(),
    mount(path, volume) {
      on.makeDirectory(disk, path, 0o755)
      return disk.mount(path, volume)
    },
    volumeOf: disk.volumeOf,
  }
}
