import { constants } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { temporaryName } from '../../ports/files.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import { attempt, errnoName, isMissing } from './failure.ts'
import { status } from './look.ts'
import type { OpenFile, SystemCalls } from './system-calls.ts'

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_APPEND, O_NONBLOCK } = constants

/** Flags of a file that nobody else can have put there. */
export const CREATE_FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW

/** A failed fsync is never tried again: the kernel reports it once and drops the pages. */
export async function writeDurably(calls: SystemCalls, path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const temporary = join(dirname(path), temporaryName(basename(path), Buffer.from(calls.getrandom(6)).toString('hex')))
  await attempt('write', path, async () => {
    try {
      await createWith(calls, temporary, mode, (handle) => handle.writeFile(content))
      await calls.rename(temporary, path)
    } catch (error) {
      await calls.unlink(temporary).catch(() => {})
      throw error
    }
    await syncDirectory(calls, dirname(path))
  })
}

export function overwrite(calls: SystemCalls, path: string, offset: number, content: Uint8Array): Promise<void> {
  return attempt('overwrite', path, async () => {
    await using handle = await calls.open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK)
    await writeAll(handle, content, offset)
    await handle.datasync()
  })
}

export function appendDurably(calls: SystemCalls, path: string, content: string | Uint8Array, mode: number): Promise<void> {
  return attempt('append to', path, async () => {
    await createIfMissing(calls, path, mode)
    await using handle = await calls.open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK)
    await handle.appendFile(content)
    await handle.sync()
    await syncDirectory(calls, dirname(path))
  })
}

export function touch(calls: SystemCalls, path: string, mode: number): Promise<void> {
  return attempt('create', path, () => createIfMissing(calls, path, mode))
}

export function makeDirectory(calls: SystemCalls, path: string, mode: number): Promise<void> {
  return attempt('create directory', path, async () => {
    const firstMade = await calls.mkdir(dirname(path), { recursive: true, mode: 0o755 })
    const isNew = await makeUnlessThere(calls, path, mode)
    if (isNew) await calls.chmod(path, mode)
    for (const parent of parentsFrom(dirname(path), firstMade)) await (isNew ? syncDirectory : syncIfReadable)(calls, parent)
  })
}

/** False when it was there. Its name may still not be durable: whoever made it may have been killed right after. */
async function makeUnlessThere(calls: SystemCalls, path: string, mode: number): Promise<boolean> {
  try {
    await calls.mkdir(path, { mode })
    return true
  } catch (error) {
    if (errnoName(error) === 'EEXIST' && (await isDirectory(calls, path))) return false
    throw error
  }
}

/** The directories that hold a new name: the parent, and upwards to that of the first one that was made. */
function parentsFrom(parent: string, firstMade: string | undefined): readonly string[] {
  const isLast = firstMade === undefined || parent.length < firstMade.length || parent === dirname(parent)
  return isLast ? [parent] : [parent, ...parentsFrom(dirname(parent), firstMade)]
}

/** What lies in a directory that this user may not read was not made by it. */
async function syncIfReadable(calls: SystemCalls, path: string): Promise<void> {
  try {
    await syncDirectory(calls, path)
  } catch (error) {
    if (errnoName(error) !== 'EACCES') throw error
  }
}

export async function changeMode(calls: SystemCalls, path: string, mode: number): Promise<void> {
  const found = await status(calls, path)
  if (found?.kind === 'link')
    throw new OutsideError({ operation: 'change the mode of', object: path, code: 'ELOOP', reason: 'it is a symbolic link' })
  await attempt('change the mode of', path, () => calls.chmod(path, mode))
}

export function syncNames(calls: SystemCalls, directory: string): Promise<void> {
  return attempt('sync', directory, () => syncDirectory(calls, directory))
}

/** Creates a file exclusively, fills it, gives it exactly `mode` whatever the umask, and fsyncs it. */
export async function createWith(calls: SystemCalls, path: string, mode: number, fill: (handle: OpenFile) => Promise<void>): Promise<void> {
  await using handle = await calls.open(path, CREATE_FLAGS, mode)
  await handle.chmod(mode)
  await fill(handle)
  await handle.sync()
}

/** Makes the names in a directory durable. */
export async function syncDirectory(calls: SystemCalls, path: string): Promise<void> {
  await using handle = await calls.open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  await handle.sync()
}

async function createIfMissing(calls: SystemCalls, path: string, mode: number): Promise<void> {
  try {
    await using handle = await calls.open(path, CREATE_FLAGS, mode)
    await handle.chmod(mode)
  } catch (error) {
    if (errnoName(error) !== 'EEXIST') throw error
  }
}

async function writeAll(handle: OpenFile, content: Uint8Array, offset: number): Promise<void> {
  for (let written = 0; written < content.length;) {
    const { bytesWritten } = await handle.write(content, written, content.length - written, offset + written)
    written += bytesWritten
  }
}

async function isDirectory(calls: SystemCalls, path: string): Promise<boolean> {
  try {
    await using handle = await calls.open(path, constants.O_RDONLY | constants.O_DIRECTORY)
    return handle.fd >= 0
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}
