import type { Files } from '../../ports/files.ts'
import { OutsideError } from '../../ports/outside-error.ts'

/** Of what was written since the last poll, at most this much of the end is read. */
const MOST_BYTES = 1 << 20

/** Generous for a line of the server's log. */
const BYTES_PER_LINE = 1024

/** Follows the log of one server. */
export interface ServerLog {
  /** What changes when the log is written: the file, or the directory of its files; empty when there is none. */
  readonly path: string
  /** Whole lines written since the last poll; the first poll only finds the end. Never rejects: what cannot be read says nothing. */
  poll(): Promise<readonly string[]>
  /** The last `lines` lines. Never rejects. */
  tail(lines: number): Promise<readonly string[]>
}

interface Position {
  readonly path: string
  readonly inode: number
  readonly offset: number
}

/** Where following begins when there was no log at the first poll: whatever comes is new. */
const NOWHERE: Position = { path: '', inode: 0, offset: 0 }

export interface ServerLogOptions {
  readonly files: Files
  readonly path: string
  /** Tells, before each poll, the file that is written now; for a log of which each start of the server makes a new file. */
  readonly findPath?: () => Promise<string>
}

export function createServerLog({ files, path, findPath }: ServerLogOptions): ServerLog {
  let position: Position | undefined
  let polling: Promise<readonly string[]> = Promise.resolve([])

  async function pollNow(): Promise<readonly string[]> {
    const before = position
    const current = await findCurrent(files, (await findPath?.()) ?? path)
    if (current === undefined) {
      position ??= NOWHERE
      return []
    }
    if (before === undefined) {
      position = { ...current, offset: current.sizeBytes }
      return []
    }
    if (isUnchanged(before, current)) return []
    const rest = await readRest(files, before, current)
    const next = await readOn(files, continueIn(before, current))
    position = next.position
    return [...rest, ...next.lines]
  }

  return {
    path: findPath === undefined ? path : path.slice(0, Math.max(0, path.lastIndexOf('/'))),
    poll() {
      polling = polling.then(() => orNothing(pollNow))
      return polling
    },
    tail: (lines) =>
      orNothing(async () => {
        const current = await findCurrent(files, (await findPath?.()) ?? path)
        const text = current && (await files.readTail(current.path, lines * BYTES_PER_LINE))
        return splitLines(text ?? '').slice(-lines)
      }),
  }
}

/** Most looks find nothing new, and do not open the file for it. */
function isUnchanged(before: Position, current: { path: string; inode: number; sizeBytes: number }): boolean {
  return before.path === current.path && before.inode === current.inode && before.offset === current.sizeBytes
}

/** A file that was created anew (rotated) or has become shorter (truncated) is read from its beginning. */
function continueIn(before: Position, current: { path: string; inode: number; sizeBytes: number }): Position {
  const same = before.path === current.path && before.inode === current.inode && current.sizeBytes >= before.offset
  return { path: current.path, inode: current.inode, offset: same ? before.offset : 0 }
}

/** What came into the log before, after the last poll and before another took its place, by name or by rotation. */
async function readRest(files: Files, before: Position, current: { path: string; inode: number }): Promise<readonly string[]> {
  if (before.path === '' || before.inode === current.inode) return []
  const path = before.path === current.path ? `${before.path}.1` : before.path
  if ((await files.status(path))?.inode !== before.inode) return []
  return (await readOn(files, { ...before, path })).lines
}

async function readOn(files: Files, from: Position): Promise<{ lines: readonly string[]; position: Position }> {
  const size = (await files.status(from.path))?.sizeBytes ?? 0
  const offset = Math.max(from.offset, size - MOST_BYTES)
  const bytes = (await files.read(from.path, { maxBytes: MOST_BYTES, offset })) ?? new Uint8Array()
  const end = bytes.lastIndexOf(0x0a) + 1
  const lines = splitLines(new TextDecoder().decode(bytes.subarray(0, end)))
  return { lines: offset === from.offset ? lines : lines.slice(1), position: { ...from, offset: offset + end } }
}

/** Of a directory (logging_collector) the log that was written to last. */
async function findCurrent(files: Files, path: string): Promise<{ path: string; inode: number; sizeBytes: number } | undefined> {
  const status = path === '' ? undefined : await files.status(path)
  if (status === undefined) return undefined
  if (status.kind !== 'directory') return { path, inode: status.inode, sizeBytes: status.sizeBytes }
  const names = ((await files.list(path)) ?? []).filter((name) => /\.(?:log|csv|json)$/.test(name))
  const found = await Promise.all(names.map(async (name) => ({ path: `${path}/${name}`, status: await files.status(`${path}/${name}`) })))
  const logs = found.flatMap((log) => (log.status?.kind === 'file' ? [{ path: log.path, ...log.status }] : []))
  const newest = logs.sort((one, other) => other.modifiedWallMs - one.modifiedWallMs || (other.path > one.path ? 1 : -1))[0]
  return newest && { path: newest.path, inode: newest.inode, sizeBytes: newest.sizeBytes }
}

async function orNothing(look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof OutsideError) return []
    throw error
  }
}

function splitLines(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}
