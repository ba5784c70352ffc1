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
    const created = await createIfMissing(calls, path, mode)
    await using handle = await calls.open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK)
    await handle.appendFile(content)
    await handle.sync()
    if (created) await syncDirectory(calls, dirname(path))
  })
}

export function touch(calls: SystemCalls, path: string, mode: number): Promise<void> {
  return attempt('create', path, async () => void (await createIfMissing(calls, path, mode)))
}

export function makeDirectory(calls: SystemCalls, path: string, mode: number): Promise<void> {
  return attempt('create directory', path, async () => {
    await calls.mkdir(dirname(path), { recursive: true, mode: 0o755 })
    try {
      await calls.mkdir(path, { mode })
    } catch (error) {
      if (errnoName(error) === 'EEXIST' && (await isDirectory(calls, path))) return
      throw error
    }
    await calls.chmod(path, mode)
    await syncDirectory(calls, dirname(path))
  })
}

export async function changeMode(calls: SystemCalls, path: string, mode: number): Promise<void> {
  const found = await status(calls, path)
  if (found?.kind === 'link')
    throw new OutsideError({ operation: 'change the mode of', object: path, code: 'ELOOP', reason: 'it is a symbolic link' })
  await attempt('change the mode of', path, () => calls.chmod(path, mode))
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

async function createIfMissing(calls: SystemCalls, path: string, mode: number): Promise<boolean> {
  try {
    await using handle = await calls.open(path, CREATE_FLAGS, mode)
    await handle.chmod(mode)
    return true
  } catch (error) {
    if (errnoName(error) === 'EEXIST') return false
    throw error
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
