import type { Clock } from '../../ports/clock.ts'
import type { Files, FileStatus } from '../../ports/files.ts'

/** A file that changed more recently may change again without showing it: time stamps go on in steps of a few milliseconds. */
const SETTLED_MS = 2_000

/** So long a file that shows no change is believed to have none: time stamps can be set by hand. */
const BELIEVED_MS = 300_000

/** For the few files that one reader asks for. */
const FILES_AT_MOST = 16

interface Known {
  readonly mark: string
  readonly text: string
  readonly readMonotonicMs: number
}

/**
 * `readText` for small files that are asked for again and again: one that is as it was is looked at and not opened, which
 * costs a quarter. Links are not remembered.
 */
export function rememberTexts(files: Pick<Files, 'status' | 'readText'>, clock: Clock): Files['readText'] {
  const known = new Map<string, Known>()

  return async (path, limits) => {
    const status = await files.status(path)
    const name = JSON.stringify([path, limits])
    const before = known.get(name)
    if (before !== undefined && isBelieved(before, status, clock)) return before.text
    known.delete(name)
    const readMonotonicMs = clock.monotonicMs()
    const text = await files.readText(path, limits)
    if (status === undefined || text === undefined || !isSettled(status, clock)) return text
    known.set(name, { mark: markOf(status), text, readMonotonicMs })
    dropOldest(known)
    return text
  }
}

function isBelieved({ mark, readMonotonicMs }: Known, status: FileStatus | undefined, clock: Clock): boolean {
  return status !== undefined && mark === markOf(status) && clock.monotonicMs() - readMonotonicMs < BELIEVED_MS
}

function isSettled({ kind, modifiedWallMs }: FileStatus, clock: Clock): boolean {
  return kind === 'file' && clock.wallMs() - modifiedWallMs >= SETTLED_MS
}

function markOf({ device, inode, sizeBytes, modifiedWallMs }: FileStatus): string {
  return `${device}:${inode}:${sizeBytes}:${modifiedWallMs}`
}

function dropOldest(known: Map<string, Known>): void {
  const oldest = known.keys().next().value
  if (known.size > FILES_AT_MOST && oldest !== undefined) known.delete(oldest)
}
