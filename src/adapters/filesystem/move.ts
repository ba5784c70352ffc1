import { constants } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { temporaryName } from '../../ports/files.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import { copyWhole } from './copy.ts'
import { attempt, errnoName, isMissing } from './failure.ts'
import type { FileStats, OpenFile, SystemCalls } from './system-calls.ts'
import { syncDirectory } from './write.ts'

const CHUNK_BYTES = 1 << 18
/** What is put in the place of a file must not hold the caller, nor lead elsewhere. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW

/**
 * `rename` alone would replace the target, so a file gets its second name by `link`, which refuses. Where a crash left
 * both names, or across file systems both files, the move is finished.
 */
export async function move(calls: SystemCalls, from: string, to: string): Promise<void> {
  await attempt('move', `${from} to ${to}`, async () => {
    if (await finishInterrupted(calls, from, to)) return
    await refuseExisting(calls, to, `${from} to ${to}`)
    try {
      await renameWithoutReplacing(calls, from, to)
    } catch (error) {
      if (errnoName(error) !== 'EXDEV') throw error
      await moveAcross(calls, from, to)
    }
    await syncBoth(calls, from, to)
  })
}

export async function remove(calls: SystemCalls, path: string): Promise<void> {
  await attempt('remove', path, async () => {
    try {
      await removeEntry(calls, path)
    } catch (error) {
      if (isMissing(error)) return
      throw error
    }
    await syncDirectory(calls, dirname(path))
  })
}

/** The copy gets its name once it is whole, and the original goes once that name is durable. */
async function moveAcross(calls: SystemCalls, from: string, to: string): Promise<void> {
  const temporary = join(dirname(to), temporaryName(basename(to), Buffer.from(calls.getrandom(6)).toString('hex')))
  try {
    await copyWhole(calls, from, temporary)
    await renameWithoutReplacing(calls, temporary, to)
  } catch (error) {
    await calls.rm(temporary, { recursive: true, force: true }).catch(() => {})
    throw error
  }
  await syncDirectory(calls, dirname(to))
  await calls.rm(from, { recursive: true })
}

async function renameWithoutReplacing(calls: SystemCalls, from: string, to: string): Promise<void> {
  const stats = await calls.lstat(from)
  if (stats.isDirectory()) return calls.rename(from, to)
  try {
    await calls.link(from, to)
  } catch (error) {
    if (!cannotLink(error)) throw error
    return calls.rename(from, to)
  }
  await calls.unlink(from)
}

/** File systems without hard links, and files that another user owns (`fs.protected_hardlinks`). */
function cannotLink(error: unknown): boolean {
  return ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'].includes(errnoName(error) ?? '')
}

async function finishInterrupted(calls: SystemCalls, from: string, to: string): Promise<boolean> {
  const [source, target] = [await calls.lstat(from), await lstatIfThere(calls, to)]
  if (target === undefined || !source.isFile() || !target.isFile() || from === to) return false
  const isMoved = source.dev === target.dev ? source.ino === target.ino : await isCopy(calls, from, to)
  if (!isMoved) return false
  await calls.unlink(from)
  await syncBoth(calls, from, to)
  return true
}

/** Whether two files hold the same bytes. */
async function isCopy(calls: SystemCalls, one: string, other: string): Promise<boolean> {
  await using first = await calls.open(one, READ_FLAGS)
  await using second = await calls.open(other, READ_FLAGS)
  for (let offset = 0; ; offset += CHUNK_BYTES) {
    const [left, right] = [await readChunk(first, offset), await readChunk(second, offset)]
    if (!left.equals(right)) return false
    if (left.length < CHUNK_BYTES) return true
  }
}

async function readChunk(file: OpenFile, offset: number): Promise<Buffer> {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  let got = 0
  for (let bytesRead = -1; bytesRead !== 0 && got < CHUNK_BYTES; got += bytesRead)
    bytesRead = (await file.read(chunk, got, CHUNK_BYTES - got, offset + got)).bytesRead
  return chunk.subarray(0, got)
}

async function refuseExisting(calls: SystemCalls, to: string, object: string): Promise<void> {
  if ((await lstatIfThere(calls, to)) !== undefined)
    throw new OutsideError({
      operation: 'move',
      object,
      code: 'EEXIST',
      reason: 'the target exists',
      hint: 'move the target away first: nothing is ever replaced',
    })
}

async function lstatIfThere(calls: SystemCalls, path: string): Promise<FileStats | undefined> {
  try {
    return await calls.lstat(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function removeEntry(calls: SystemCalls, path: string): Promise<void> {
  const stats = await calls.lstat(path)
  await (stats.isDirectory() ? calls.rmdir(path) : calls.unlink(path))
}

async function syncBoth(calls: SystemCalls, from: string, to: string): Promise<void> {
  await syncDirectory(calls, dirname(to))
  if (dirname(from) !== dirname(to)) await syncDirectory(calls, dirname(from))
}
