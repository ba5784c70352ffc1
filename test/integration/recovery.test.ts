import { spawn } from 'node:child_process'
import { chmod, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import t from 'tap'
import type { TestCluster } from '../support/cluster.ts'
import { makeCluster } from '../support/cluster.ts'
import { CRASHED, makeGround } from '../recovery/real-ground.ts'
import { SETTINGS } from '../recovery/settings.ts'

t.test('a crashed server serves again, with every committed row', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  await test.psql('create table t as select generate_series(1, 1000) as id')
  await test.kill()
  t.match(await recover(), { status: 'succeeded', notDone: [], notUndone: [] }, told.join('\n'))
  t.equal(await test.psql('select count(*) from t'), '1000')
  t.comment(told.join('\n'))
})

t.test('a postmaster.pid that names a living stranger is moved aside, and the stranger lives', async (t) => {
  for (const title of ['sleep', 'postgres']) {
    const test = await makeCluster(t)
    const { recover, told, ground } = await makeGround(test)
    await test.kill()
    const stranger = spawn('setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', '--', 'bash', '-c', `exec -a ${title} sleep 300`])
    t.teardown(() => stranger.kill('SIGKILL'))
    const path = `${test.cluster.dataDirectory}/postmaster.pid`
    await writeFile(path, (await readFile(path, 'utf8')).replace(/^\d+/, String(stranger.pid)))
    t.match(await recover(), { status: 'succeeded' }, told.join('\n'))
    t.equal(stranger.exitCode, null)
    t.equal(stranger.signalCode, null)
    t.ok((await readdir(ground.incidentDirectory)).some((name) => name.endsWith('postmaster.pid')))
  }
})

t.test('a suspended postmaster goes on without a restart, and no session is lost', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  const before = await test.postmasterPid()
  await test.signalPostmaster('SIGSTOP')
  t.match(await recover(), { status: 'succeeded', done: [/./, /SIGCONT/, /verified/] }, told.join('\n'))
  t.equal(await test.postmasterPid(), before)
})

t.test('a broken configuration holds the recovery: a running server is not stopped, a dead one not started', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  await test.configure({ no_such_parameter: 1 })
  const before = await test.postmasterPid()
  const outcome = await recover()
  t.match(outcome, { status: 'held', step: 'stop-postgres', why: /no_such_parameter/ }, told.join('\n'))
  t.equal(await test.postmasterPid(), before)
  t.equal(await test.psql('select 1'), '1')
  await test.kill()
  t.match(await recover(), { status: 'held', step: 'check-data-files', why: /no_such_parameter/ })
})

t.test('a missing WAL segment holds the start, because it would lose what was committed', async (t) => {
  const test = await makeCluster(t)
  const { recover } = await makeGround(test)
  await test.psql('create table t as select generate_series(1, 200000) as id; select pg_switch_wal(); create table u as select 1; select pg_switch_wal(); create table v as select 1')
  await test.kill()
  const wal = `${test.cluster.dataDirectory}/pg_wal`
  const segments = (await readdir(wal)).filter((name) => /^[0-9A-F]{24}$/.test(name)).sort()
  await rename(`${wal}/${segments.at(-2)}`, `${test.directory}/taken`)
  t.match(await recover(), { status: 'held', step: 'check-data-files', why: new RegExp(`${segments.at(-2)}`) })
  await rename(`${test.directory}/taken`, `${wal}/${segments.at(-2)}`)
  await chmod(test.cluster.dataDirectory, 0o775)
  t.match(await recover(), { status: 'succeeded' })
  t.equal(await test.psql('select count(*) from t'), '200000')
})

/** Overwrites bytes in the middle of one page of a stopped server. */
async function damagePage(test: TestCluster, relationPath: string, block: number): Promise<void> {
  const path = `${test.cluster.dataDirectory}/${relationPath}`
  const bytes = await readFile(path)
  bytes.fill(0x5a, block * 8192 + 4000, block * 8192 + 4040)
  await writeFile(path, bytes)
}

async function pathOf(test: TestCluster, relation: string): Promise<string> {
  return test.psql(`select pg_relation_filepath('${relation}')`)
}

const onPage = (relationPath: string, block: number) => ({
  damages: [{ kind: 'page' as const, relationPath, block, message: `invalid page in block ${block} of relation ${relationPath}` }],
  assessment: { ...CRASHED, cause: 'damaged' as const, plan: 'repair-online' as const },
})

t.test('of a damaged heap page the image, the readable rows and the lost keys are kept, and every other row stays', async (t) => {
  const test = await makeCluster(t)
  const { recover, told, ground } = await makeGround(test)
  await test.psql(`create table t (id int primary key, name text, price numeric(10,2)); insert into t select n, 'name ' || n, n / 4.0 from generate_series(1, 20000) n; vacuum t`)
  const path = await pathOf(test, 't')
  const lost = (await test.psql(`select id from t where (ctid::text::point)[0] = 7 order by id::text`)).split('\n')
  await test.stop()
  await damagePage(test, path, 7)
  await test.start()
  const outcome = await recover({ plan: 'repair-online', ground: onPage(path, 7) })
  t.match(outcome, { status: 'succeeded', notDone: [] }, told.join('\n'))
  t.equal(await test.psql('select count(*) from t'), String(20000 - lost.length))
  const files = await readdir(ground.incidentDirectory, { recursive: true })
  t.ok(files.includes('pages/app.public.t.block-7.page'), files.join(' '))
  t.equal((await readFile(`${ground.incidentDirectory}/lost-keys/app.public.t.txt`, 'utf8')).trim(), lost.join('\n'))
  const rows = (await readFile(`${ground.incidentDirectory}/rows/app.public.t.block-7.copy`, 'utf8')).trimEnd().split('\n')
  t.equal(rows[0], 'id\tname\tprice')
  t.ok(rows.length > lost.length - 3, `${rows.length - 1} of ${lost.length}`)
  t.ok(rows.includes(`${lost[0]}\tname ${lost[0]}\t${(Number(lost[0]) / 4).toFixed(2)}`), rows.slice(0, 3).join('\n'))
  t.equal(await test.psql('show zero_damaged_pages'), 'off')
  t.equal(await test.psql(`select count(*) from pg_extension where extname = 'pageinspect'`), '0')
  await test.stop()
  t.match((await test.runAsOwner('/usr/lib/postgresql/15/bin/pg_checksums', ['--check', '-D', test.cluster.dataDirectory])).stdout, /Bad checksums: +0/)
})

t.test('a page that is whole in the buffers is written anew, and nothing is lost', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  await test.psql('create table t (id int primary key); insert into t select generate_series(1, 5000); vacuum t; checkpoint')
  const path = await pathOf(test, 't')
  await damagePage(test, path, 3)
  const outcome = await recover({ plan: 'repair-online', ground: onPage(path, 3) })
  t.match(outcome, { status: 'succeeded', notDone: [], done: [/./, /images of 1/, /buffers, nothing lost/, /./] }, told.join('\n'))
  t.equal(await test.psql('select count(*) from t'), '5000')
})

t.test('a damaged index is rebuilt and nothing is lost; a damaged catalog is left to a person', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  await test.psql('create table t (id int primary key); insert into t select generate_series(1, 20000)')
  const [index, catalog] = [await pathOf(test, 't_pkey'), await pathOf(test, 'pg_statistic')]
  await test.stop()
  await damagePage(test, index, 2)
  await test.start()
  t.match(await recover({ plan: 'repair-online', ground: onPage(index, 2) }), { status: 'succeeded', notDone: [] }, told.join('\n'))
  t.equal(await test.psql('set enable_seqscan = off; select count(*) from t where id > 0'), '20000')
  t.match(await recover({ plan: 'repair-online', ground: onPage(catalog, 0) }), { status: 'held', step: 'repair-damage', why: /catalog/ })
})

t.test('where zeroing is not allowed, the damaged page stays and a person is told', async (t) => {
  const test = await makeCluster(t)
  const { recover } = await makeGround(test)
  await test.psql('create table t (id int primary key); insert into t select generate_series(1, 5000); vacuum t')
  const path = await pathOf(test, 't')
  await test.stop()
  await damagePage(test, path, 3)
  await test.start()
  const settings = { ...SETTINGS, repair: { ...SETTINGS.repair, zeroDamagedPages: false } }
  t.match(await recover({ plan: 'repair-online', ground: { ...onPage(path, 3), settings } }), { status: 'held', why: /zero-damaged-pages is off/ })
  await t.rejects(test.psql('select count(id + 0) from t'), /invalid page in block 3/)
})
