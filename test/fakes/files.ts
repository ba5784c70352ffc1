import { createFiles } from '../../src/adapters/filesystem/files.ts'
import type { Files } from '../../src/ports/files.ts'
import { OutsideError } from '../../src/ports/outside-error.ts'
import type { Random } from '../../src/ports/random.ts'
import type { Disk } from './disk/disk.ts'
import { createDisk, parentOf, pathOf, releaseRoom } from './disk/disk.ts'
import type { FakeVolume, Inode } from './disk/inode.ts'
import { patched } from './disk/inode.ts'
import { changeNamesDurably } from './disk/names.ts'
import type { Pass } from './disk/system-calls.ts'
import { createSystemCalls, passAlways } from './disk/system-calls.ts'
import { createFakeRandom } from './random.ts'

export type FileOperation = Exclude<keyof Files, 'watch'>

/** A whole operation of the port that fails, whatever it consists of. */
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

/** What may be set on a file that is put there. */
export type FileMarks = Partial<Pick<Inode, 'mode' | 'uid' | 'gid' | 'modifiedWallMs'> & { readonly inode: number }>

export interface FakeFiles extends Files {
  readonly disk: Disk
  /** The same disk as a process sees it whose system calls pass through `pass`. */
  through(pass: Pass): Files
  /** Puts a file there at once and durably, with its parents; `marks` changes what `status` tells. */
  put(path: string, content: string | Uint8Array, marks?: FileMarks): void
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
  mount(path: string, volume: Partial<FakeVolume>): FakeVolume
  /** The volume that holds a path; the root's is device 1 with 100 GB, half of it free. */
  volumeOf(path: string): FakeVolume
  fail(fault: Fault): void
  clearFaults(): void
  /** The first 20,000 calls, as "operation path". */
  readonly calls: string[]
}

const MOST_CALLS = 20_000

/** Files in memory: the adapter of pgwatchd itself over a disk in memory. */
export function createFakeFiles(wallMs: () => number = () => Date.UTC(2026, 10, 21)): FakeFiles {
  const disk = createDisk(wallMs)
  const random = createFakeRandom()
  const calls: string[] = []
  let faults: (Fault & { struck: number })[] = []

  function through(pass: Pass): Files {
    const files = createFiles(createSystemCalls(disk, pass, (bytes) => randomBytes(random, bytes)))
    return { ...withFaults({ ...files, watch: disk.watch }, strike), watch: disk.watch }
  }

  function strike(operation: FileOperation, path: string): Fault | undefined {
    if (calls.length < MOST_CALLS) calls.push(`${operation} ${path}`)
    if (faults.length === 0) return undefined
    const fault = faults.find(
      (each) => each.operation === operation && (each.path ?? path) === path && each.struck < (each.times ?? Infinity),
    )
    if (fault !== undefined) fault.struck += 1
    return fault
  }

  return {
    ...through(passAlways),
    ...createHands(disk),
    disk,
    through,
    fail: (fault) => void faults.push({ ...fault, struck: 0 }),
    clearFaults: () => void (faults = []),
    calls,
  }
}

function randomBytes(random: Random, bytes: number): Uint8Array {
  const words = Uint32Array.from({ length: Math.ceil(bytes / 4) }, () => random.fraction() * 2 ** 32)
  return new Uint8Array(words.buffer, 0, bytes)
}

type Strike = (operation: FileOperation, path: string) => Fault | undefined

/** Each operation of the port is noted, and made to fail when a fault says so. */
function withFaults(files: Files, strike: Strike): Files {
  const operations = Object.keys(files).filter((name): name is FileOperation => name !== 'watch')
  const guarded: [string, unknown][] = operations.map((operation) => {
    const act = files[operation] as (...given: unknown[]) => Promise<unknown>
    return [
      operation,
      async (...given: unknown[]) => {
        const fault = strike(operation, String(given[0]))
        if (fault === undefined) return act(...given)
        if (fault.after) await act(...given)
        throw new OutsideError({ operation, object: String(given[0]), code: fault.code, reason: fault.code })
      },
    ]
  })
  return Object.fromEntries(guarded) as unknown as Files
}

type Hands = Pick<FakeFiles, 'put' | 'putDirectory' | 'putLink' | 'grow' | 'erase' | 'textOf' | 'paths' | 'mount' | 'volumeOf'>

/** What a test does behind the port's back: at once, and durable. */
function createHands(disk: Disk): Hands {
  function name(path: string, make: (volume: FakeVolume) => Inode): void {
    putDirectory(parentOf(path), 0o755)
    const { directory, name, inode: before } = disk.find(path, false)!
    const inode = make(directory.volume)
    changeNamesDurably(directory.volume, [{ directory, name, inode }])
    if (before !== undefined) releaseRoom(before)
    directory.volume.availableBytes -= inode.content.length
    disk.tell(path)
  }

  function putDirectory(path: string, mode: number): void {
    if (disk.find(path, true)?.inode !== undefined) return
    putDirectory(parentOf(path), 0o755)
    name(path, (volume) => disk.create('directory', { volume, mode }))
  }

  const put: Hands['put'] = (path, content, { inode: number, ...marks } = {}) =>
    name(path, (volume) => {
      const inode = disk.create('file', { volume, ...contentOf(content), ...marks })
      return number === undefined ? inode : { ...inode, number }
    })

  return {
    put,
    putDirectory: (path, mode = 0o700) => putDirectory(path, mode),
    putLink: (path, target) => name(path, (volume) => disk.create('link', { volume, target, mode: 0o777 })),
    grow(path, content) {
      const inode = disk.find(path, true)?.inode
      if (inode === undefined) return put(path, content, { mode: 0o640 })
      const bytes = Buffer.from(content)
      inode.volume.availableBytes -= bytes.length
      inode.content = patched(inode.content, inode.content.length, bytes)
      inode.durable = inode.content
      inode.modifiedWallMs = disk.wallMs()
      disk.tell(path)
    },
    erase(path) {
      const found = disk.find(path, false)
      if (found?.inode !== undefined) eraseWhole(found.directory, found.name, found.inode)
      disk.tell(path)
    },
    textOf(path) {
      const inode = disk.find(path, true)?.inode
      return inode && Buffer.from(inode.content).toString('utf8')
    },
    paths: () => ['/', ...pathsBelow(disk.root)].sort(),
    mount(path, volume) {
      putDirectory(path, 0o755)
      return disk.mount(disk.find(path, true)!.inode!, volume)
    },
    volumeOf: (path) => disk.volumeOf(path),
  }
}

function contentOf(content: string | Uint8Array): Pick<Inode, 'content' | 'durable'> {
  const bytes = typeof content === 'string' ? new Uint8Array(Buffer.from(content)) : content.slice()
  return { content: bytes, durable: bytes }
}

function eraseWhole(directory: Inode, name: string, inode: Inode): void {
  for (const [inner, child] of [...inode.entries]) eraseWhole(inode, inner, child)
  changeNamesDurably(directory.volume, [{ directory, name, inode: undefined }])
  releaseRoom(inode)
}

function pathsBelow(directory: Inode): string[] {
  return [...directory.entries].flatMap(([name, inode]) => [`${pathOf(directory)}/${name}`, ...pathsBelow(inode)])
}
