import { statSync, watch as watchDirectory } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import { coalesce } from './coalesce.ts'

/** How soon a directory that cannot be watched is tried again. */
const RETRY_MS = 1000

/**
 * Watches through directories, never a file itself, so that a file that is rotated away and created again is still
 * the one that is watched. A directory is watched for its own entries as well.
 */
export function watch(path: string, listener: () => void): () => void {
  const changed = coalesce(listener)
  const notice = (): void => {
    inside.renew()
    changed.call()
  }
  const beside = keepWatching({ directory: dirname(path), concerns: (name) => name === basename(path), retriesWhenMissing: true }, notice)
  const inside = keepWatching({ directory: path, concerns: () => true, retriesWhenMissing: false }, changed.call)
  return () => {
    inside.stop()
    beside.stop()
    changed.stop()
  }
}

interface Subject {
  readonly directory: string
  /** Whether a name in the directory is of interest. */
  readonly concerns: (name: string) => boolean
  /** False where somebody else calls `renew` when the directory comes back. */
  readonly retriesWhenMissing: boolean
}

interface Watching {
  /** Looks whether the directory is still the same one, and watches the new one if not. */
  renew(): void
  stop(): void
}

/** Watches one directory for as long as it exists, and again when it comes back. A file in its place is not watched. */
function keepWatching(subject: Subject, listener: () => void): Watching {
  const { directory, concerns, retriesWhenMissing } = subject
  let watcher: FSWatcher | undefined
  let watched = ''
  let retry: NodeJS.Timeout | undefined

  function end(): void {
    clearTimeout(retry)
    watcher?.close()
    watcher = undefined
    watched = ''
  }

  function begin(identity: string): void {
    try {
      watcher = watchDirectory(directory, { persistent: false }, (_event, name) => notice(name ?? ''))
      watcher.on('error', tryLater)
      watched = identity
    } catch {
      tryLater()
    }
  }

  /** The event of a directory's own end carries its own name. */
  function notice(name: string): void {
    if (concerns(name)) listener()
    if (name === basename(directory)) renew()
  }

  function tryLater(): void {
    end()
    retry = setTimeout(() => (renew(), watcher !== undefined && listener()), RETRY_MS).unref()
  }

  function renew(): void {
    const identity = identify(directory)
    if (identity === watched && watched !== '') return
    end()
    if (identity !== '') begin(identity)
    else if (retriesWhenMissing) tryLater()
  }

  renew()
  return { renew, stop: end }
}

/** Device and inode of a directory; empty when there is none. */
function identify(directory: string): string {
  try {
    const stats = statSync(directory, { throwIfNoEntry: false })
    return stats?.isDirectory() ? `${stats.dev}:${stats.ino}` : ''
  } catch {
    return ''
  }
}
