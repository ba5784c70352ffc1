import t from 'tap'
import * as zlib from 'node:zlib'
import { crc32 } from '../../src/core/crc32.ts'

t.test('it is the one of zlib, in one go or in pieces', async (t) => {
  t.equal(crc32(Buffer.from('123456789')), 0xcbf43926)
  t.equal(crc32(new Uint8Array()), 0)
  for (const text of ['', 'a', 'ü€', '{"version":1}', 'x'.repeat(10_000)]) {
    const bytes = Buffer.from(text)
    t.equal(crc32(bytes), zlib.crc32(text))
    t.equal(crc32(bytes.subarray(1), crc32(bytes.subarray(0, 1))), zlib.crc32(text))
    t.equal(crc32(bytes, crc32(Buffer.from('17'))), zlib.crc32(text, zlib.crc32('17')))
  }
})
