import type { VolumeUse } from '../../src/ports/files.ts'
import { OutsideError } from '../../src/ports/outside-error.ts'
import { createTree, parentOf } from './tree.ts'
import type { Tree, TreeNode } from './tree.ts'

/** A volume's numbers; `availableBytes` shrinks and grows with what is written and removed. */
export type FakeVolume = { -readonly [Key in keyof VolumeUse]: VolumeUse[Key] }

/** A tree on volumes of limited room, whose changes are told. */
export interface Disk {
  readonly tree: Tree
  find(path: string, follow: boolean): TreeNode | undefined
  volumeOf(path: string): FakeVolume
  mount(path: string, volume: Partial<VolumeUse>): FakeVolume
  /** Takes room for a file at `path`; throws ENOSPC. */
  take(operation: string, path: string, bytes: number): void
  /** Writes a whole file, replacing what is there. */
  store(operation: string, path: string, content: Uint8Array, mode: number): void
  /** Removes one entry and gives its room back. */
  drop(path: string): void
  tell(path: string): void
  watch(path: string, listener: () => void): () => void
}

export function createDisk(wallMs: () => number): Disk {
  const tree = createTree(wallMs)
  const volumes = new Map<string, FakeVolume>([['/', createVolume(1, {})]])
  const watchers = new Set<{ readonly path: string; readonly listener: () => void }>()

  const disk: Disk = {
    tree,
    find: (path, follow) => tree.nodes.get(tree.locate(path, follow)),
    volumeOf(path) {
      const real = tree.locate(path, true)
      const roots = [...volumes.keys()].filter((root) => root === '/' || real === root || real.startsWith(`${root}/`))
      return volumes.get(roots.sort((one, other) => other.length - one.length)[0] ?? '/') ?? createVolume(1, {})
    },
    mount(path, volume) {
      const mounted = createVolume(volumes.size + 1, volume)
      volumes.set(path, mounted)
      return mounted
    },
    take(operation, path, bytes) {
      const volume = disk.volumeOf(parentOf(path))
      if (bytes > volume.availableBytes) throw failure(operation, path, 'ENOSPC')
      volume.availableBytes -= bytes
    },
    store(operation, path, content, mode) {
      const at = tree.locate(path, false)
      if (tree.nodes.get(parentOf(at))?.kind !== 'directory') throw failure(operation, path, 'ENOENT')
      const before = tree.nodes.get(at)
      if (before?.kind === 'directory') throw failure(operation, path, 'EISDIR')
      disk.take(operation, path, content.length - (before?.content.length ?? 0))
      tree.add(at, { content: content.slice(), mode })
      disk.tell(at)
    },
    drop(path) {
      const node = tree.nodes.get(path)
      if (node === undefined) return
      disk.volumeOf(parentOf(path)).availableBytes += node.content.length
      tree.nodes.delete(path)
      disk.tell(path)
    },
    tell(path) {
      for (const { path: watched, listener } of watchers) if (watched === path || watched === parentOf(path)) queueMicrotask(listener)
    },
    watch(path, listener) {
      const watcher = { path, listener }
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    },
  }
  return disk
}

export function failure(operation: string, path: string, code: string): OutsideError {
  return new OutsideError({ operation, object: path, code, reason: code })
}

function createVolume(device: number, volume: Partial<VolumeUse>): FakeVolume {
  return { device, totalBytes: 100e9, availableBytes: 50e9, totalInodes: 1e6, freeInodes: 9e5, ...volume }
}
