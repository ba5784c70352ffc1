import { dirname } from 'node:path'
import { OutsideError } from '../../ports/outside-error.ts'
import { attempt, errnoName } from './failure.ts'
import type { OpenFile, SystemCalls } from './system-calls.ts'
import { createWith, syncDirectory } from './write.ts'

const CHUNK_BYTES = 1 << 20

/** Written, not truncated to size: only blocks that exist can be given back. */
export async function allocate(calls: SystemCalls, path: string, sizeBytes: number, mode: number, signal?: AbortSignal): Promise<void> {
  await attempt('allocate', path, async () => {
    try {
      await createWith(calls, path, mode, (handle) => writeZeros(handle, path, sizeBytes, signal))
      await syncDirectory(calls, dirname(path))
    } catch (error) {
      if (errnoName(error) !== 'EEXIST') await calls.unlink(path).catch(() => {})
      throw error
    }
  })
}

async function writeZeros(handle: OpenFile, path: string, sizeBytes: number, signal: AbortSignal | undefined): Promise<void> {
  const zeros = new Uint8Array(Math.min(CHUNK_BYTES, sizeBytes))
  for (let written = 0; written < sizeBytes;) {
    if (signal?.aborted) throw new OutsideError({ operation: 'allocate', object: path, code: 'aborted', reason: 'it was called off' })
    const { bytesWritten } = await handle.write(zeros, 0, Math.min(zeros.length, sizeBytes - written), written)
    written += bytesWritten
  }
}
