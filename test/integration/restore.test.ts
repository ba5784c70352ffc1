import { appendFile, readdir } from 'node:fs/promises'
import t from 'tap'
import type { Watch } from '../../src/daemon/watch.ts'
import { createVault } from '../../src/daemon/backup-vault.ts'
import { createBackup } from '../../src/jobs/backup/create-backup.ts'
import { dropOldPlaces, findOldPlaces } from '../../src/jobs/backup/old-places.ts'
import { swapDatabases } from '../../src/jobs/backup/swap-databases.ts'
import { PROVIDERS } from '../../src/jobs/backup/providers/index.ts'
import { JournalNotSaved } from '../../src/recovery/logbook.ts'
import type { JournalStore } from '../../src/recovery/pipeline.ts'
import { CRASHED } from '../recovery/crashed.ts'
import { makeGround } from '../recovery/real-ground.ts'
import { makeBackupGround } from '../jobs/backup/real-ground.ts'
import { hammer } from '../support/hammer.ts'
import { makeCluster } from '../support/cluster.ts'

const SIGNAL = new AbortController().signal
const INCIDENT = '20261125T200000Z-test-restore-requested-0001'

async function stage(t: Parameters<typeof makeCluster>[0], kind: 'logical' | 'physical') {
  const test = await makeCluster(t)
  await test.psql('create table item (id int primary key); insert into item select generate_series(1, 1000); analyze')
  await test.psql(
    "alter database app set work_mem to '5MB'; alter role app in database app set statement_timeout to '7s'; grant create on database app to app",
  )
  const { ground: backups } = await makeBackupGround(test)
  const provider = PROVIDERS[kind]
  if (provider === undefined) throw new Error(kind)
  const made = await createBackup(backups, provider, SIGNAL)
  if (!made.ok) throw new Error(made.why)
  const real = await makeGround(test)
  const watch = { cluster: test.cluster, outside: real.ground.outside, settings: { backup: backups.settings }, superuser: backups.login }
  const vault = createVault(watch as unknown as Watch)
  await test.psql('delete from item where id <= 500; create table later (id int)')
  const restore = (database: string | null, store?: JournalStore) => ({
    plan: database === null ? ('restore-cluster' as const) : ('restore-database' as const),
    ground: {
      vault,
      incidentId: INCIDENT,
      assessment: { ...CRASHED, cause: 'restore-requested' as const, restore: { backup: made.value.manifest.id, database } },
    },
    ...(store === undefined ? {} : { store }),
  })
  return { test, real, backups, restore }
}

const kept = async (directory: string) => (await readdir(directory)).filter((name) => name.startsWith('data')).sort()

for (const kind of ['physical', 'logical'] as const) {
  t.test(`the whole cluster comes back from a ${kind} backup, and the old one is kept`, async (t) => {
    const { test, real, restore, backups } = await stage(t, kind)
    const outcome = await real.recover(restore(null))
    t.match(outcome, { status: 'succeeded' }, outcome.why)
    t.equal(await test.psql('select count(*) from item'), '1000')
    t.equal(await test.psql("select to_regclass('later') is null"), 't')
    t.strictSame(await kept(test.directory), ['data', 'data.before-20261125T200000Z'])
    const old = await findOldPlaces(backups, SIGNAL)
    t.strictSame(old.directories, [`${test.cluster.dataDirectory}.before-20261125T200000Z`])
    t.match(await dropOldPlaces(backups, old, SIGNAL), { ok: true })
    t.notOk((await kept(test.directory)).some((name) => name.includes('before')))
  })
}

t.test('one database comes back beside working sessions, with owner, rights and settings', async (t) => {
  const { test, real, restore, backups } = await stage(t, 'logical')
  const outcome = await real.recover(restore('app'))
  t.match(outcome, { status: 'succeeded' }, outcome.why)
  t.match(outcome.done.join('; '), /sessions were kept out for \d+ ms/)
  t.equal(await test.psql('select count(*) from item'), '1000')
  t.equal(await test.psql('show work_mem'), '5MB')
  t.equal(await test.psql('show statement_timeout', { user: 'app' }), '7s')
  t.equal(await test.psql("select has_database_privilege('app', 'app', 'create')"), 't')
  t.equal(await test.psql("select datconnlimit from pg_database where datname = 'app'"), '-1')
  const old = await findOldPlaces(backups, SIGNAL)
  t.strictSame(old.databases, ['app_before_20261125t200000z'])
  t.equal(await test.psql('select count(*) from item', { database: 'app_before_20261125t200000z' }).catch(() => 'refused'), '500')
})

t.test('one database comes back while superusers log in again and again, and a swap that was broken off lets them in again', async (t) => {
  const { test, real, restore } = await stage(t, 'logical')
  await test.psql('alter database app connection limit 55')
  const clients = hammer(test)
  const outcome = await real.recover(restore('app'))
  const suffered = await clients.stop()
  t.match(outcome, { status: 'succeeded' }, outcome.why)
  t.ok(suffered.answers > 0, `the longest time without an answer was ${Math.round(suffered.longestGapMs)} ms`)
  t.equal(await test.psql('select count(*) from item'), '1000')
  t.equal(await test.psql("select datconnlimit from pg_database where datname = 'app'"), '55')

  const { ground } = await makeBackupGround(test)
  await test.psql('alter database app allow_connections false', { database: 'postgres' })
  const names = { database: 'app', loaded: 'app_never_loaded', old: 'app_before_20261125t200000z' }
  t.match(await swapDatabases(ground, names, SIGNAL), { ok: true })
  t.equal(await test.psql('select count(*) from item'), '1000')
})

t.test('a backup that was changed is not restored, and the cluster goes on as it was', async (t) => {
  const { test, real, restore, backups } = await stage(t, 'physical')
  const [id] = await readdir(backups.directory)
  await appendFile(`${backups.directory}/${id ?? ''}/data/PG_VERSION`, 'x')
  const outcome = await real.recover(restore(null))
  t.match(outcome, { status: 'failed', why: /PG_VERSION/ })
  t.equal(await test.psql('select count(*) from item'), '500')
  t.strictSame(await kept(test.directory), ['data'])
})

t.test('killed at any write of the journal, the next run restores or undoes, and the server serves', async (t) => {
  const { test, real, restore } = await stage(t, 'physical')
  let saves = 0
  for (let limit = 1; ; limit += 3) {
    saves = 0
    const dying: JournalStore = {
      load: () => real.store.load(),
      async save(journal) {
        saves += 1
        if (saves > limit) throw new JournalNotSaved('the daemon was killed')
        await real.store.save(journal)
      },
    }
    const killed = await real.recover({ ...restore(null), store: dying }).catch(() => undefined)
    if (killed?.status === 'succeeded') break
    const journal = await real.store.load()
    const resumed = await real.recover({ ...restore(null), ...(journal?.status === 'open' ? { resumeFrom: journal } : {}) })
    t.match(resumed.status, /succeeded/, `killed after ${limit} writes: ${resumed.why}`)
    t.equal(await test.psql('select count(*) from item'), '1000', `killed after ${limit} writes`)
    await test.runAsOwner('sh', ['-c', `rm -rf ${test.cluster.dataDirectory}.before-*`])
    if (limit > 40) t.fail('it never came to its end')
  }
})
