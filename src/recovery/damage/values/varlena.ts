import { decompress } from './decompress.ts'

/** A value of variable length as it lies in a tuple: how many bytes it takes there, and what it is. */
export interface Varlena {
  readonly totalBytes: number
  /** Decompressed; `undefined` when it lies in a TOAST table, or cannot be read. */
  readonly bytes: Uint8Array | undefined
}

const EXTERNAL = 0x01
const EXTERNAL_BYTES = 18
const RAW_SIZE_MASK = 0x3fffffff
const METHODS = ['pglz', 'lz4'] as const

/**
 * Reads one at `start`, which is aligned already (varatt.h, little-endian): one header byte, `length << 1 | 1`, for a short value; four,
 * `length << 2`, for a long one, with 2 as the lowest bits when it is compressed.
 */
export function readVarlena(data: Uint8Array, start: number): Varlena {
  const first = data[start]
  if (first === undefined) return { totalBytes: 0, bytes: undefined }
  if (first === EXTERNAL) return { totalBytes: EXTERNAL_BYTES, bytes: undefined }
  if ((first & 1) === 1) return { totalBytes: first >> 1, bytes: data.subarray(start + 1, start + (first >> 1)) }
  if (start + 4 > data.length) return { totalBytes: data.length - start, bytes: undefined }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const totalBytes = view.getUint32(start, true) >>> 2
  if (start + totalBytes > data.length || totalBytes < 4) return { totalBytes: data.length - start, bytes: undefined }
  const body = data.subarray(start + 4, start + totalBytes)
  return { totalBytes, bytes: (first & 3) === 2 ? inflate(body) : body }
}

/** The size of the value and the method, then the compressed bytes. */
function inflate(body: Uint8Array): Uint8Array | undefined {
  if (body.length < 4) return undefined
  const info = new DataView(body.buffer, body.byteOffset, 4).getUint32(0, true)
  const method = METHODS[info >>> 30]
  return method === undefined ? undefined : decompress(method, body.subarray(4), info & RAW_SIZE_MASK)
}
