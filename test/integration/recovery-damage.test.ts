import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import t from 'tap'
import type { TestCluster } from '../support/cluster.ts'
import { makeCluster } from '../support/cluster.ts'
import { CRASHED } from '../recovery/crashed.ts'
import { makeGround } from '../recovery/real-ground.ts'
import { SETTINGS } from '../recovery/settings.ts'

t.setTimeout(300_000)

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
  await test.psql('create table t (id int primary key, name text, price numeric(10,2))')
  await test.psql(`insert into t select n, 'name ' || n, n / 4.0 from generate_series(1, 20000) n`)
  await test.psql('vacuum t')
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
  t.match(
    (await test.runAsOwner('/usr/lib/postgresql/15/bin/pg_checksums', ['--check', '-D', test.cluster.dataDirectory])).stdout,
    /Bad checksums: +0/,
  )
})

t.test('a page that is whole in the buffers is written anew, and nothing is lost', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  await test.psql('create table t (id int primary key); insert into t select generate_series(1, 5000)')
  await test.psql('vacuum t')
  await test.psql('checkpoint')
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
  const [index, catalog] = [await pathOf(test, 't_pkey'), await pathOf(test, 'pg_description')]
  await test.stop()
  await damagePage(test, index, 2)
  await damagePage(test, catalog, 0)
  await test.start()
  t.match(await recover({ plan: 'repair-online', ground: onPage(index, 2) }), { status: 'succeeded', notDone: [] }, told.join('\n'))
  t.equal(await test.psql('set enable_seqscan = off; select count(*) from t where id > 0'), '20000')
  t.match(await recover({ plan: 'repair-online', ground: onPage(catalog, 0) }), { status: 'held', step: 'repair-damage', why: /catalog/ })
})

t.test('where zeroing is not allowed, the damaged page stays and a person is told', async (t) => {
  const test = await makeCluster(t)
  const { recover } = await makeGround(test)
  await test.psql('create table t (id int primary key); insert into t select generate_series(1, 5000)')
  await test.psql('vacuum t')
  const path = await pathOf(test, 't')
  await test.stop()
  await damagePage(test, path, 3)
  await test.start()
  const settings = { ...SETTINGS, repair: { ...SETTINGS.repair, zeroDamagedPages: false } }
  t.match(await recover({ plan: 'repair-online', ground: { ...onPage(path, 3), settings } }), {
    status: 'held',
    why: /zero_damaged_pages is off/,
  })
  await t.rejects(test.psql('select count(id + 0) from t'), /invalid page in block 3/)
})

t.test('a table whose TOAST table is damaged too is not rewritten: nothing unsaved is zeroed, and every image is kept', async (t) => {
  const test = await makeCluster(t)
  const { recover, ground } = await makeGround(test)
  await test.psql('create table t (id int primary key, long text); alter table t alter column long set storage external')
  await test.psql(`insert into t select n, repeat(n::text, 3000) from generate_series(1, 2000) n`)
  await test.psql('vacuum t')
  const toastName = await test.psql(`select reltoastrelid::regclass from pg_class where relname = 't'`)
  const [heap, toast] = [await pathOf(test, 't'), await pathOf(test, toastName)]
  await test.stop()
  await damagePage(test, heap, 1)
  await damagePage(test, toast, 5)
  await test.start()
  const outcome = await recover({ plan: 'repair-online', ground: onPage(heap, 1) })
  t.match(outcome, { status: 'held', why: /a rewrite also zeroes others.*1 damaged pages, whose images are kept/ })
  t.equal(await pathOf(test, 't'), heap, 'it was not rewritten')
  const files = (await readdir(`${ground.incidentDirectory}/pages`)).join(' ')
  t.match(files, /app.public.t.block-1.page/)
  t.match(files, /pg_toast.*block-5.page/)
  await rm(`${ground.incidentDirectory}/pages`, { recursive: true })
  t.match(await recover({ plan: 'repair-online', ground: onPage(toast, 5) }), { status: 'held', why: /1 damaged pages with long values/ })
  t.match((await readdir(`${ground.incidentDirectory}/pages`)).join(' '), /pg_toast.*block-5.page/)
  const settings = { ...SETTINGS, repair: { ...SETTINGS.repair, maxRelationBytes: 8192 } }
  await rm(`${ground.incidentDirectory}/pages`, { recursive: true })
  t.match(await recover({ plan: 'repair-online', ground: { ...onPage(heap, 1), settings } }), {
    status: 'held',
    why: /it is larger than 0 MB/,
  })
  await t.rejects(readdir(`${ground.incidentDirectory}/pages`), { code: 'ENOENT' }, 'what is too large is not even read')
})

t.test('the lost keys of a primary key of several columns are listed too', async (t) => {
  const test = await makeCluster(t)
  const { recover, told, ground } = await makeGround(test)
  await test.psql('create table t (name text, id bigint, day date, note text, primary key (name, id, day))')
  await test.psql(`insert into t select 'n' || n, n, '2026-01-01', repeat('x', 100) from generate_series(1, 5000) n`)
  await test.psql('vacuum t')
  const path = await pathOf(test, 't')
  const lost = await test.psql(`select concat_ws(E'\\t', name, id, day) from t where (ctid::text::point)[0] = 3`)
  await test.stop()
  await damagePage(test, path, 3)
  await test.start()
  t.match(await recover({ plan: 'repair-online', ground: onPage(path, 3) }), { status: 'succeeded', notDone: [] }, told.join('\n'))
  const listed = (await readFile(`${ground.incidentDirectory}/lost-keys/app.public.t.txt`, 'utf8')).trim().split('\n')
  t.same([...listed].sort(), lost.split('\n').sort())
})
