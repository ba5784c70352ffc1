import { createCrc32 } from '../crc32.ts'

/** CRC-32C, by the Castagnoli polynomial, as in `port/pg_crc32c.h`. */
export const crc32c = createCrc32(0x82f63b78)
