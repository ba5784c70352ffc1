import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, mkdir, open, rename, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { OutsideError } from '../../ports/outside-error.ts'
import { attempt, errnoName, isMissing } from './failure.ts'
import { status } from './look.ts'

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_APPEND, O_NONBLOCK } = constants

/** Flags of a file that nobody else can have put there. */
export const CREATE_FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW

/** A failed fsync is never tried again: the kernel reports it once and drops the pages. */
export async function writeDurably(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.new`)
  await attempt('write', path, async () => {
    try {
      await createWith(temporary, mode, (handle) => handle.writeFile(content))
      await rename(temporary, path)
    } catch (error) {
      await unlink(temporary).catch(() => {})
      throw error
    }
    await syncDirectory(dirname(path))
  })
}

export function overwrite(path: string, offset: number, content: Uint8Array): Promise<void> {
  return attempt('overwrite', path, async () => {
    await using handle = await open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK)
    await writeAll(handle, content, offset)
    await handle.datasync()
  })
}

export function appendDurably(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  return attempt('append to', path, async () => {
    const created = await createIfMissing(path, mode)
    await using handle = await open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK)
    await handle.appendFile(content)
    await handle.sync()
    if (created) await syncDirectory(dirname(path))
  })
}

export function touch(path: string, mode: number): Promise<void> {
  return attempt('create', path, async () => void (await createIfMissing(path, mode)))
}

export function makeDirectory(path: string, mode: number): Promise<void> {
  return attempt('create directory', path, async () => {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 })
    try {
      await mkdir(path, { mode })
    } catch (error) {
      if (errnoName(error) === 'EEXIST' && (await isDirectory(path))) return
      throw error
    }
    await chmod(path, mode)
    await syncDirectory(dirname(path))
  })
}

export async function changeMode(path: string, mode: number): Promise<void> {
  const found = await status(path)
  if (found?.kind === 'link')
    throw new OutsideError({ operation: 'change the mode of', object: path, code: 'ELOOP', reason: 'it is a symbolic link' })
  await attempt('change the mode of', path, () => chmod(path, mode))
}

/** Creates a file exclusively, fills it, gives it exactly `mode` whatever the umask, and fsyncs it. */
export async function createWith(path: string, mode: number, fill: (handle: FileHandle) => Promise<void>): Promise<void> {
  await using handle = await open(path, CREATE_FLAGS, mode)
  await handle.chmod(mode)
  await fill(handle)
  await handle.sync()
}

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  await using handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  await handle.sync()
}

async function createIfMissing(path: string, mode: number): Promise<boolean> {
  try {
    await using handle = await open(path, CREATE_FLAGS, mode)
    await handle.chmod(mode)
    return true
  } catch (error) {
    if (errnoName(error) === 'EEXIST') return false
    throw error
  }
}

async function writeAll(handle: FileHandle, content: Uint8Array, offset: number): Promise<void> {
  for (let written = 0; written < content.length;) {
    const { bytesWritten } = await handle.write(content, written, content.length - written, offset + written)
    written += bytesWritten
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    await using handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
    return handle.fd >= 0
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}
