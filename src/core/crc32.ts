/** A cyclic redundancy check of bytes as an unsigned number; `before` is that of the bytes in front of them. */
export type Crc32 = (bytes: Uint8Array, before?: number) => number

/** The check by a reflected polynomial of 32 bits. */
export function createCrc32(polynomial: number): Crc32 {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1
    return value
  })
  return (bytes, before = 0) => {
    let crc = before ^ 0xffffffff
    for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0)
    return (crc ^ 0xffffffff) >>> 0
  }
}

/** The one of zip and Ethernet. Node's own comes with all of zlib, which costs half a megabyte. */
export const crc32 = createCrc32(0xedb88320)
