import { link, lstat, rename, rm, rmdir, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OutsideError } from '../../ports/outside-error.ts'
import { copyWhole } from './copy.ts'
import { attempt, errnoName, isMissing } from './failure.ts'
import { syncDirectory } from './write.ts'

/**
 * `rename` alone would replace the target, so a file gets its second name by `link`, which refuses. Where a crash left
 * both names, the move is finished.
 */
export async function move(from: string, to: string): Promise<void> {
  await attempt('move', `${from} to ${to}`, async () => {
    if (await finishInterrupted(from, to)) return
    await refuseExisting(from, to)
    try {
      await renameWithoutReplacing(from, to)
    } catch (error) {
      if (errnoName(error) !== 'EXDEV') throw error
      await copyWhole(from, to)
      await rm(from, { recursive: true })
    }
    await syncBoth(from, to)
  })
}

export async function remove(path: string): Promise<void> {
  await attempt('remove', path, async () => {
    try {
      await removeEntry(path)
    } catch (error) {
      if (isMissing(error)) return
      throw error
    }
    await syncDirectory(dirname(path))
  })
}

async function renameWithoutReplacing(from: string, to: string): Promise<void> {
  const stats = await lstat(from)
  if (stats.isDirectory()) return rename(from, to)
  try {
    await link(from, to)
  } catch (error) {
    if (!cannotLink(error)) throw error
    return rename(from, to)
  }
  await unlink(from)
}

/** File systems without hard links, and files that another user owns (`fs.protected_hardlinks`). */
function cannotLink(error: unknown): boolean {
  return ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'].includes(errnoName(error) ?? '')
}

async function finishInterrupted(from: string, to: string): Promise<boolean> {
  const [source, target] = [await lstat(from), await lstatIfThere(to)]
  if (target === undefined || !source.isFile() || source.ino !== target.ino || source.dev !== target.dev || from === to) return false
  await unlink(from)
  await syncBoth(from, to)
  return true
}

async function refuseExisting(from: string, to: string): Promise<void> {
  if ((await lstatIfThere(to)) !== undefined)
    throw new OutsideError({
      operation: 'move',
      object: `${from} to ${to}`,
      code: 'EEXIST',
      reason: 'the target exists',
      hint: 'move the target away first: nothing is ever replaced',
    })
}

async function lstatIfThere(path: string): Promise<Awaited<ReturnType<typeof lstat>> | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function removeEntry(path: string): Promise<void> {
  const stats = await lstat(path)
  await (stats.isDirectory() ? rmdir(path) : unlink(path))
}

async function syncBoth(from: string, to: string): Promise<void> {
  await syncDirectory(dirname(to))
  if (dirname(from) !== dirname(to)) await syncDirectory(dirname(from))
}
