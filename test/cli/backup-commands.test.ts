import t from 'tap'
import type { Manifest } from '../../src/core/backup/manifest.ts'
import type { ControlAnswer, StoredBackup } from '../../src/daemon/control-protocol.ts'
import { bench, done, NOW } from './scripted-daemon.ts'

const MANIFEST: Manifest = {
  version: 1,
  id: '20261121T060000Z-15-main-logical-3f2a',
  kind: 'logical',
  cluster: '15-main',
  startedWallMs: NOW - 3_600_000,
  endedWallMs: NOW - 3_540_000,
  systemIdentifier: '7',
  startLsn: '',
  stopLsn: '',
  timeline: 1,
  serverVersion: '15.18',
  settings: {},
  tools: { pg_dump: '15.18' },
  base: null,
  contents: [{ name: 'shop', tables: 1, rows: { 'public.item': 5 }, rowsAre: 'exact' }],
  sizeBytes: 3 << 20,
  files: [{ path: 'a', sizeBytes: 1, sha256: 'a'.repeat(64) }],
}
const BACKUP: StoredBackup = { manifest: MANIFEST, standing: {}, directory: '/var/backups/pgwatchd/15-main/x' }
const PROOF = { ok: true, wallMs: NOW - 60_000, tookMs: 2_000, detail: 'read through' }

t.test('create, show and verify tell what came of it', async (t) => {
  const { run } = await bench(t, ({ command }) =>
    command === 'backup-verify'
      ? [{ type: 'backup-proof', backup: MANIFEST.id, proof: PROOF }, done('')]
      : [
          { type: 'backup-progress', progress: { text: 'dumping', doneBytes: 1, totalBytes: 2 } },
          { type: 'backup', backup: BACKUP },
          done(''),
        ],
  )
  t.match((await run('backup', 'create')).stdout, /^20261121T060000Z-15-main-logical-3f2a {2}3\.0 MB in 1 min/)
  t.match((await run('backup', 'show')).stdout, /public\.item +5 rows\n/)
  t.match((await run('backup', 'verify')).stdout, /read through, in 2\.0 s/)
  t.match(JSON.parse((await run('backup', 'create', '--json')).stdout), { manifest: { id: MANIFEST.id } })
})

t.test('the list tells what is proved of each, and what is none', async (t) => {
  const report = {
    cluster: '15-main',
    kind: 'logical',
    directory: '/b',
    backups: [
      { manifest: MANIFEST, standing: { verified: PROOF }, directory: '/b/x' },
      {
        manifest: MANIFEST,
        standing: { verified: PROOF, drilled: { ...PROOF, ok: false, detail: 'a table is missing' } },
        directory: '/b/y',
      },
    ],
    unusable: [{ directory: '/b/z', why: 'it has no manifest.json' }],
    running: 'verifying a backup',
  }
  const { run } = await bench(t, () => [{ type: 'backups', clusters: [report] }, done('')])
  const { stdout } = await run('backup', 'list')
  for (const text of [
    'verified 1 min ago',
    'drill failed: a table is missing',
    '/b/z is no usable backup',
    'pgwatchd is verifying a backup',
  ])
    t.match(stdout, text)
})

t.test('prune shows which would go and why nothing may', async (t) => {
  const pruned = {
    objection: 'the newest backup is not verified yet',
    removed: [],
    verdicts: [{ id: MANIFEST.id, keep: true, because: 'it is among the newest 7' }],
  }
  const { run, requests } = await bench(t, () => [{ type: 'pruned', cluster: '15-main', pruned }, done('nothing was removed yet')])
  t.match((await run('backup', 'prune', '--plan')).stdout, /stays +it is among the newest 7\nnothing is removed, because the newest/)
  t.match(requests, [{ command: 'backup-prune', planOnly: true }])
})

t.test('a restore and a drop are confirmed first', async (t) => {
  const answers: Record<string, readonly ControlAnswer[]> = {
    'backup-show': [{ type: 'backup', backup: BACKUP }, done('')],
    'backup-restore': [{ type: 'restored', cluster: '15-main', done: ['restored shop'] }, done('')],
    'backup-drop-old': [
      { type: 'old', cluster: '15-main', places: { directories: ['/data.before-x'], databases: ['shop_before_y'] } },
      done('2 dropped'),
    ],
  }
  const { run, requests } = await bench(t, ({ command }) => answers[command] ?? [])
  t.match(await run('backup', 'restore', 'last'), { exitCode: 1, stderr: /must be confirmed/ })
  t.strictSame(
    requests.map(({ command }) => command),
    ['backup-show'],
  )
  t.match(await run('backup', 'restore', 'last', '--database', 'shop', '--yes'), { exitCode: 0, stdout: 'restored shop\n' })
  t.match(requests.at(-1), { command: 'backup-restore', id: MANIFEST.id, database: 'shop' })
  t.match(await run('backup', 'drop-old', '--plan'), { exitCode: 0, stdout: '/data.before-x\ndatabase shop_before_y\n' })
  t.match(await run('backup', 'drop-old'), { exitCode: 1, stderr: /must be confirmed/ })
  t.match(await run('backup', 'drop-old', '--yes'), { exitCode: 0, stdout: /2 dropped/ })
})
