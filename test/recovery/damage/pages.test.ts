import t from 'tap'
import { checksumPage, judgePage, PAGE_BYTES } from '../../../src/core/postgres/page-checksum.ts'
import { readChecksumsOutput } from '../../../src/recovery/damage/checksums-output.ts'
import { readKey } from '../../../src/recovery/damage/indexed-keys.ts'
import { toCopyLine } from '../../../src/recovery/damage/values/copy-line.ts'
import { decodeValue } from '../../../src/recovery/damage/values/decode-value.ts'
import { mendHeader } from '../../../src/recovery/damage/mend-header.ts'
import { readRelationPath } from '../../../src/recovery/damage/relation-file.ts'

t.test('the output of pg_checksums is read, not its exit code', async (t) => {
  const stderr = `pg_checksums: error: checksum verification failed in file "b/base/16384/16397.1", block 5: calculated checksum 33C6 but block contains 150\n`
  const stdout = 'Checksum operation completed\nFiles scanned:   1257\nBad checksums:  1\n'
  t.match(readChecksumsOutput(stdout, stderr), {
    complete: true,
    refusal: '',
    damages: [{ kind: 'page', relationPath: 'base/16384/16397', block: 131077 }],
  })
  t.match(readChecksumsOutput('', 'pg_checksums: error: cluster must be shut down\n'), {
    complete: false,
    damages: [],
    refusal: /must be shut down/,
  })
  const map =
    'pg_checksums: error: checksum verification failed in file "/d/base/5/16447_fsm", block 2: calculated checksum 1 but block contains 2'
  t.match(readChecksumsOutput(stdout, map).damages, [{ relationPath: 'base/5/16447_fsm', block: 2 }])
})

t.test('paths of the server name database, tablespace, filenode and fork', async (t) => {
  t.same(readRelationPath('base/16384/16471'), {
    path: 'base/16384/16471',
    databaseOid: 16384,
    tablespaceOid: 0,
    filenode: 16471,
    fork: 'main',
  })
  t.match(readRelationPath('pg_tblspc/99/PG_15_202209061/5/7_vm'), {
    path: 'pg_tblspc/99/PG_15_202209061/5/7',
    databaseOid: 5,
    tablespaceOid: 99,
    filenode: 7,
    fork: 'vm',
  })
  t.match(readRelationPath('global/1260'), { databaseOid: 0 })
  t.equal(readRelationPath('pg_xact/0000'), undefined)
})

t.test('values are decoded from the bytes of the page', async (t) => {
  const hex = (name: string, bytes: string) => decodeValue({ name, labels: {} }, Buffer.from(bytes, 'hex'))
  t.equal(hex('int4', '4c040000'), '1100')
  t.equal(hex('int8', 'ffffffffffffffff'), '-1')
  t.equal(hex('bool', '01'), 't')
  t.equal(hex('date', '00000000'), '2000-01-01')
  t.equal(hex('timestamptz', '40420f0000000000'), '2000-01-01 00:00:01.000000+00')
  t.equal(hex('timestamp', 'ffffffffffffffff'), '1999-12-31 23:59:59.999999')
  t.equal(hex('uuid', '00112233445566778899aabbccddeeff'), '00112233-4455-6677-8899-aabbccddeeff')
  t.equal(hex('numeric', '008113018813'), '275.50')
  t.equal(hex('tsvector', '0a0b'), '\\x0a0b', 'a type that is not known')
  t.equal(hex('jsonb', '0a0b'), '\\x0a0b', 'what is no jsonb')
  t.equal(hex('int8', '0102'), '\\x0102', 'too short to be one')
  t.equal(toCopyLine(['a\tb\\\n', undefined]), 'a\\tb\\\\\\n\t\\N\n')
})

/** A heap page with two tuples of 32 bytes. */
function heapPage(): Uint8Array {
  const page = new Uint8Array(PAGE_BYTES)
  const view = new DataView(page.buffer)
  for (const [offset, value] of [
    [12, 32],
    [14, 8128],
    [16, 8192],
    [18, 8196],
  ] as const)
    view.setUint16(offset, value, true)
  view.setUint32(24, (32 << 17) | (1 << 15) | 8160, true)
  view.setUint32(28, (32 << 17) | (1 << 15) | 8128, true)
  page.fill(7, 8128)
  view.setUint16(8, checksumPage(page, 5), true)
  return page
}

t.test('a page is judged by its checksum, its block and its header', async (t) => {
  const page = heapPage()
  t.equal(judgePage(page, 5, true), 'good')
  t.equal(judgePage(page, 6, true), 'bad-checksum')
  for (const at of [0, 30, 4000, 8191]) {
    const damaged = page.slice()
    damaged[at] = (damaged[at] ?? 0) ^ 1
    t.equal(judgePage(damaged, 5, true), 'bad-checksum', `byte ${at}`)
  }
  t.equal(
    judgePage(
      page.map((byte, at) => (at === 8000 ? 1 : byte)),
      5,
      false,
    ),
    'good',
    'without checksums only the header tells',
  )
  t.equal(judgePage(page.fill(0xff, 10, 18), 5, false), 'bad-header')
  t.equal(judgePage(new Uint8Array(PAGE_BYTES), 5, true), 'new')
  t.equal(judgePage(new Uint8Array(PAGE_BYTES).fill(1, 100, 101), 5, true), 'bad-header', 'no new page has bytes')
})

t.test('a destroyed header is mended from the line pointers', async (t) => {
  const page = heapPage()
  const damaged = Buffer.concat([Buffer.alloc(PAGE_BYTES), page])
    .subarray(PAGE_BYTES)
    .fill(0xff, 8, 20)
  const mended = mendHeader(damaged)
  t.ok(
    damaged.subarray(8, 20).every((byte) => byte === 0xff),
    'the damaged page stays as it is',
  )
  t.equal(judgePage(mended, 5, false), 'good')
  t.same(mended.subarray(12, 20), page.subarray(12, 20))
})

t.test('the key of an index tuple is read column by column, with its padding and its nulls', async (t) => {
  const column = (name: string, length: number, alignment: string) => ({
    name,
    type: { name, labels: {} },
    length,
    alignment,
    missing: undefined,
  })
  const [int4, int8, text, name] = [column('int4', 4, 'i'), column('int8', 8, 'd'), column('text', -1, 'i'), column('cstring', -2, 'c')]
  const read = (columns: (typeof int4)[], hex: string, notNull?: number) =>
    readKey(columns, Buffer.from(hex.replaceAll(' ', ''), 'hex'), notNull === undefined ? undefined : Uint8Array.of(notNull))
  t.same(read([int4], '2a000000 00000000'), ['42'])
  t.same(read([int4, int8], '01000000 00000000 0200000000000000'), ['1', '2'], 'the second is aligned to 8 bytes')
  t.same(read([text, int4], '07 6162 00 03000000'), ['ab', '3'], 'a short header is one byte, and padding follows')
  t.same(read([int4, text], '01000000 07 6162'), ['1', 'ab'])
  t.same(read([int4, text], '01000000 18000000 6162'), ['1', 'ab'], 'a long header is four bytes')
  t.same(read([name, int4], '616200 00 05000000'), ['ab', '5'])
  t.same(read([text, int4], '03000000', 0b10), [undefined, '3'], 'the first is null')
  t.same(read([int4, text], '01000000 28000000'), ['1', '(unreadable)'], 'it ends before it should')
})
