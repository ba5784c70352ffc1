import t from 'tap'
import { compareContents } from '../../../src/core/backup/compare-contents.ts'
import type { DatabaseContents } from '../../../src/core/backup/manifest.ts'
import { parseManifest } from '../../../src/core/backup/manifest.ts'
import { summarizeBackups } from '../../../src/core/backup/summarize-backups.ts'

const proof = (ok: boolean, detail = '') => ({ ok, wallMs: 9, tookMs: 60_000, detail })
const backup = (startedWallMs: number, standing = {}) => ({ manifest: { startedWallMs }, standing })

t.test('what is provably restorable is the newest that was restored, and a newer failure is told beside it', async (t) => {
  t.strictSame(summarizeBackups([]), { newestWallMs: null, restorable: null, trouble: '' })
  t.strictSame(summarizeBackups([backup(3), backup(2, { drilled: proof(true) })]), {
    newestWallMs: 3,
    restorable: { asOfWallMs: 2, tookMs: 60_000 },
    trouble: '',
  })
  t.match(summarizeBackups([backup(3, { drilled: proof(false, 'a table is missing') }), backup(2, { drilled: proof(true) })]), {
    restorable: { asOfWallMs: 2 },
    trouble: 'a table is missing',
  })
  t.match(summarizeBackups([backup(3, { drilled: proof(true), verified: proof(false, 'a byte changed') })]), {
    restorable: null,
    trouble: 'a byte changed',
  })
})

const contents = (rows: Record<string, number>, rowsAre: DatabaseContents['rowsAre'], name = 'app'): DatabaseContents => ({
  name,
  tables: Object.keys(rows).length,
  rows,
  rowsAre,
})

t.test('exact counts must be equal; estimates may move', async (t) => {
  t.strictSame(compareContents([contents({ a: 1 }, 'exact')], [contents({ a: 1 }, 'exact')]), [])
  t.strictSame(compareContents([contents({ a: 1 }, 'exact')], [contents({ a: 2 }, 'exact')]), ['app: a has 2 rows instead of 1'])
  t.match(compareContents([contents({ a: 1, b: 1 }, 'exact')], [contents({ a: 1 }, 'exact')]), [/1 tables instead of 2/, /b is missing/])
  t.strictSame(compareContents([contents({ a: 100_000, gone: 5 }, 'estimated')], [contents({ a: 95_000 }, 'estimated')]), [])
  t.match(compareContents([contents({ a: 100_000 }, 'estimated')], [contents({ a: 50_000 }, 'estimated')]), [
    /50000 rows instead of 100000/,
  ])
  t.strictSame(compareContents([contents({}, 'exact', 'x')], []), ['database x is missing'])
})

t.test('a manifest that is not whole, or leads out of its folder, is refused with the reason', async (t) => {
  const whole = {
    version: 1,
    id: '20261125T060000Z-15-main-physical-3f2a',
    kind: 'physical',
    cluster: '15-main',
    startedWallMs: 1,
    endedWallMs: 2,
    systemIdentifier: '7300000000000000001',
    startLsn: '',
    stopLsn: '',
    timeline: 1,
    serverVersion: '15.18',
    settings: {},
    tools: {},
    base: null,
    sizeBytes: 1,
    contents: [contents({ a: 1 }, 'exact')],
    files: [{ path: 'data/x', sizeBytes: 1, sha256: 'a'.repeat(64) }],
  }
  t.ok(parseManifest(JSON.stringify(whole)).ok)
  for (const [change, why] of [
    [{ id: '../../etc' }, /no usable id/],
    [{ kind: 'tar' }, /no usable kind/],
    [{ version: 2 }, /unknown version/],
    [{ files: [{ path: '../x', sizeBytes: 1, sha256: 'a'.repeat(64) }] }, /no usable files/],
    [{ files: [{ path: '/x', sizeBytes: 1, sha256: 'a'.repeat(64) }] }, /no usable files/],
    [{ systemIdentifier: 7 }, /no usable systemIdentifier/],
  ] as const)
    t.match(parseManifest(JSON.stringify({ ...whole, ...change })), { ok: false, why })
  t.match(parseManifest(JSON.stringify(whole).slice(0, 200)), { ok: false, why: /no JSON object/ })
})
