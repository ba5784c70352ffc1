import { constants } from 'node:fs'
import { attemptIfThere } from './failure.ts'
import type { OpenFile, SystemCalls } from './system-calls.ts'

/** A range of a file. */
export interface ReadLimits {
  readonly maxBytes: number
  readonly offset?: number
}

/** A FIFO in the place of a file must not hold the caller. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK

export function read(calls: SystemCalls, path: string, limits: ReadLimits): Promise<Uint8Array | undefined> {
  return attemptIfThere('read', path, async () => {
    await using handle = await calls.open(path, READ_FLAGS)
    return await readRange(handle, limits.offset ?? 0, limits.maxBytes)
  })
}

export async function readText(calls: SystemCalls, path: string, limits: ReadLimits): Promise<string | undefined> {
  return toText(await read(calls, path, limits))
}

/** The last line is kept even when its newline is not written yet; a first line that is cut is not. */
export async function readTail(calls: SystemCalls, path: string, maxBytes: number): Promise<string | undefined> {
  const bytes = await attemptIfThere('read', path, async () => {
    await using handle = await calls.open(path, READ_FLAGS)
    const { size } = await handle.stat()
    return size <= maxBytes
      ? await readRange(handle, 0, maxBytes)
      : afterFirstNewline(await readRange(handle, size - maxBytes - 1, maxBytes + 1))
  })
  return toText(bytes)
}

/** Files of `/proc` say that they are empty, and pipes give less than asked: so read until the end or the limit. */
async function readRange(handle: OpenFile, offset: number, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for (let got = 0; got < maxBytes;) {
    const chunk = Buffer.allocUnsafe(Math.min(maxBytes - got, 1 << 18))
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, offset + got)
    if (bytesRead === 0) break
    chunks.push(chunk.subarray(0, bytesRead))
    got += bytesRead
  }
  return Buffer.concat(chunks)
}

function afterFirstNewline(bytes: Uint8Array): Uint8Array {
  const newline = bytes.indexOf(0x0a)
  return newline === -1 ? new Uint8Array() : bytes.subarray(newline + 1)
}

function toText(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}
