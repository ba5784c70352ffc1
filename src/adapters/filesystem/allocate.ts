import { dirname } from 'node:path'
import { OutsideError } from '../../ports/outside-error.ts'
import { attempt, errnoName } from './failure.ts'
import type { OpenFile, SystemCalls } from './system-calls.ts'
import { createWith, syncDirectory } from './write.ts'

const CHUNK_BYTES = 1 << 20
/** So much at most is left to the kernel to write at once: a database beside must not wait for a gigabyte. */
const BYTES_BETWEEN_SYNCS = 16 << 20

/** Written, not truncated to size, and noise: only blocks that exist can be given back, and some file systems store zeros in none. */
export async function allocate(calls: SystemCalls, path: string, sizeBytes: number, mode: number, signal?: AbortSignal): Promise<void> {
  await attempt('allocate', path, async () => {
    try {
      await createWith(calls, path, mode, (handle) => writeNoise(calls, handle, { path, sizeBytes, signal }))
      await syncDirectory(calls, dirname(path))
    } catch (error) {
      if (errnoName(error) !== 'EEXIST') await calls.unlink(path).catch(() => {})
      throw error
    }
  })
}

interface Noise {
  readonly path: string
  readonly sizeBytes: number
  readonly signal: AbortSignal | undefined
}

async function writeNoise(calls: SystemCalls, handle: OpenFile, { path, sizeBytes, signal }: Noise): Promise<void> {
  const noise = calls.getrandom(Math.min(CHUNK_BYTES, sizeBytes))
  let unsynced = 0
  for (let written = 0; written < sizeBytes;) {
    if (signal?.aborted) throw new OutsideError({ operation: 'allocate', object: path, code: 'aborted', reason: 'it was called off' })
    const { bytesWritten } = await handle.write(noise, 0, Math.min(noise.length, sizeBytes - written), written)
    written += bytesWritten
    unsynced += bytesWritten
    if (unsynced < BYTES_BETWEEN_SYNCS) continue
    await handle.datasync()
    unsynced = 0
  }
}
