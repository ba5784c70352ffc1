import { dirname } from 'node:path'
import { OutsideError } from '../../ports/outside-error.ts'
import { copyWhole } from './copy.ts'
import { attempt, errnoName, isMissing } from './failure.ts'
import type { FileStats, SystemCalls } from './system-calls.ts'
import { syncDirectory } from './write.ts'

/**
 * `rename` alone would replace the target, so a file gets its second name by `link`, which refuses. Where a crash left
 * both names, the move is finished.
 */
export async function move(calls: SystemCalls, from: string, to: string): Promise<void> {
  await attempt('move', `${from} to ${to}`, async () => {
    if (await finishInterrupted(calls, from, to)) return
    await refuseExisting(calls, to, `${from} to ${to}`)
    try {
      await renameWithoutReplacing(calls, from, to)
    } catch (error) {
      if (errnoName(error) !== 'EXDEV') throw error
      await copyWhole(calls, from, to)
      await calls.rm(from, { recursive: true })
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
  if (target === undefined || !source.isFile() || source.ino !== target.ino || source.dev !== target.dev || from === to) return false
  await calls.unlink(from)
  await syncBoth(calls, from, to)
  return true
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
