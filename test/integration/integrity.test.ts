import { globSync, readFileSync } from 'node:fs'
import t from 'tap'
import { checkMaps } from '../../src/probes/integrity/check-maps.ts'
import { scanFiles } from '../../src/probes/integrity/scan-files.ts'
import { badBlocks, cutFile, damagePage, keepFile, overwritePage, pathOf, rowsOf } from '../recovery/real-damage.ts'
import { createOutside } from '../recovery/real-ground.ts'
import { makeCluster } from '../support/cluster.ts'
import type { TestCluster } from '../support/cluster.ts'
import { until, watch } from '../support/watched.ts'

t.setTimeout(300_000)

async function makeTables(test: TestCluster): Promise<void> {
  await test.psql(`create table t (id int primary key, v text); insert into t select n, repeat('x', 50) from generate_series(1, 20000) n`)
  await test.psql('create table u as select * from t')
  for (const table of ['t', 'u']) await test.psql(`vacuum ${table}`)
  await test.psql('checkpoint')
}

/** A map from before some rows were deleted: an index-only scan would count them still. */
async function makeMapWrong(test: TestCluster): Promise<void> {
  await test.stop()
  const putBack = await keepFile(test, `${await pathOfStopped(test, 'u')}_vm`)
  await test.start()
  await test.psql('delete from u where id between 100 and 110')
  await test.stop()
  await putBack()
  await test.start()
}

async function pathOfStopped(test: TestCluster, table: string): Promise<string> {
  await test.start()
  const path = await pathOf(test, table)
  await test.stop()
  return path
}

t.test('every damaged page on disk and every wrong map is found while the server runs, and nothing else', async (t) => {
  const test = await makeCluster(t)
  const { clock, files, postgres } = createOutside(test, `${test.directory}/run`)
  const signal = new AbortController().signal
  const scan = () => scanFiles({ cluster: test.cluster, files, clock, checksumsEnabled: true }, signal)
  await makeTables(test)
  t.match(await scan(), { damages: [], unreadable: [], files: Number })
  t.match(await checkMaps({ clock, postgres }, signal), { damages: [], left: [] })
  await makeMapWrong(test)
  const [index, table] = [await pathOf(test, 't_pkey'), await pathOf(test, 't')]
  await test.stop()
  await damagePage(test, index, 3)
  await damagePage(test, table, 150)
  await test.start()
  const { damages, bytes } = await scan()
  t.strictSame(damages.map(({ relationPath, block }) => `${relationPath} ${block}`).toSorted(), [`${index} 3`, `${table} 150`].toSorted())
  t.ok(bytes > 20e6)
  const maps = await checkMaps({ clock, postgres }, signal)
  t.match(maps, {
    left: [],
    damages: [{ kind: 'visibility', relationPath: `${await pathOf(test, 'u')}_vm`, message: /of u in app claims/ }],
  })
  t.equal(await test.psql(`select count(*) from pg_extension where extname = 'pg_visibility'`), '0', 'nothing of the look stays')
})

t.test('a rise of the counter: what nobody named is found and mended, and the wrong map with it', async (t) => {
  const test = await makeCluster(t)
  await makeTables(test)
  await test.psql('create index u_id on u (id)')
  await makeMapWrong(test)
  const rows = await rowsOf(test, 't')
  const indexes = [await pathOf(test, 't_pkey'), await pathOf(test, 'u_id')]
  await test.stop()
  for (const index of indexes) await damagePage(test, index, 3)
  await test.start()
  const watched = await watch(t, test, 'attempts: 3')
  await t.rejects(test.psql('set enable_seqscan = off; select count(*) from t where id > 0'), /invalid page/)
  await watched.said(/integrity-check .*\b[23] damaged places/, 0)
  for (const index of ['t_pkey', 'u_id'])
    await until(async () =>
      indexes.includes(await pathOf(test, index)) ? undefined : (await badBlocks(test, await pathOf(test, index))).length === 0,
    )
  const scan = 'set enable_seqscan = off; set enable_bitmapscan = off; select count(*) from u where id between 100 and 110'
  await until(async () => (await test.psql(scan)) === '0' || undefined)
  t.strictSame(await rowsOf(test, 't'), rows)
  t.ok(watched.sink.mails.some(({ subject }) => /has counted 1 checksum failures/.test(subject)))
})

t.test(
  'an index that the log names without its file: what the server shows to be damaged is rebuilt, what a user made up is not',
  async (t) => {
    const test = await makeCluster(t)
    await makeTables(test)
    await test.psql('create index u_id on u (id)')
    const [index, other] = [await pathOf(test, 't_pkey'), await pathOf(test, 'u_id')]
    await test.stop()
    await overwritePage(test, index, 3, 0)
    await test.start()
    const watched = await watch(t, test, 'attempts: 3')
    await t.rejects(test.psql(`do $$ begin raise exception 'index "u_id" contains unexpected zero page at block 3'; end $$`))
    await watched.said(/damage-unproved .*u_id/, 0)
    await t.rejects(test.psql('set enable_seqscan = off; select count(*) from t where id > 0'), /unexpected zero page/)
    await until(async () => (await pathOf(test, 't_pkey')) !== index || undefined)
    await watched.said(/mode-healthy/, 0)
    t.equal(await test.psql('set enable_seqscan = off; select count(*) from t where id > 0'), '20000')
    t.equal(await pathOf(test, 'u_id'), other)
  },
)

t.test('a table that lost its end by whole pages is told from the catalog with what is there and what was', async (t) => {
  const test = await makeCluster(t)
  await makeTables(test)
  const table = await pathOf(test, 't')
  const pages = Number(await test.psql(`select pg_relation_size('t') / 8192`))
  await test.stop()
  await cutFile(test, table, (pages - 50) * 8192)
  await test.start()
  const watched = await watch(t, test, 'attempts: 3')
  await t.rejects(
    test.psql('set enable_seqscan = off; set enable_bitmapscan = off; select count(v) from t where id > 0'),
    /read only 0 of 8192 bytes/,
  )
  const lost = `missing or cut short (${table}): ${pages - 50} pages are there, of ${pages} that the catalog knows of`
  await until(() => watched.sink.mails.some(({ text }) => text.replaceAll(/\s+/g, ' ').includes(lost)) || undefined)
  t.equal(Number(await test.psql(`select pg_relation_size('t') / 8192`)), pages - 50, 'nothing is invented in their place')
})

async function makeLongValues(test: TestCluster): Promise<{ readonly toast: string; readonly index: string }> {
  await test.psql('create table long (id int primary key, d text); alter table long alter column d set storage external')
  await test.psql(`insert into long select n, repeat(n::text, 3000) from generate_series(1, 200) n`)
  await test.psql('checkpoint')
  const toast = await test.psql(`select reltoastrelid::regclass from pg_class where relname = 'long'`)
  return { toast: await pathOf(test, toast), index: await pathOf(test, `${toast}_index`) }
}

t.test('long values that are lost without a damaged page are told by the keys of their rows, and nothing is changed', async (t) => {
  const test = await makeCluster(t)
  const { toast } = await makeLongValues(test)
  await test.stop()
  await overwritePage(test, toast, 5, 0)
  await test.start()
  const watched = await watch(t, test, 'attempts: 3')
  const fake = /pg_toast_\d+/.exec(await test.psql(`select reltoastrelid::regclass from pg_class where relname = 'long'`))?.[0]
  await t.rejects(test.psql(`do $$ begin raise exception 'missing chunk number 0 for toast value 99 in ${fake}'; end $$`))
  await watched.said(/damage-unproved .*toast value 99/, 0)
  const unreadable: string[] = []
  const read = (id: number) => test.psql(`select md5(d) from long where id = ${id}`).catch(() => unreadable.push(String(id)))
  for (let id = 1; unreadable.length === 0; id += 1) await read(id)
  const told =
    /lost \d+ long values, and no page of it is damaged: restore them from a backup, or set those values to NULL; \d+ rows of public.long/
  await until(() => watched.sink.mails.some(({ text }) => told.test(text.replaceAll(/\s+/g, ' '))) || undefined)
  for (let id = Number(unreadable[0]) + 1; id <= 200; id += 1) await read(id)
  t.ok(unreadable.length > 1)
  const [list = ''] = globSync(`${test.directory}/state/incidents/*/lost-keys/app.public.long.long-values.txt`)
  const listed = readFileSync(list, 'utf8').trimEnd().split('\n')
  t.strictSame(listed.toSorted(), unreadable.toSorted(), 'also those that nobody has asked for')
  t.equal(await test.psql('select count(*) from long where d is not null'), '200', 'no row and no value is taken away')
})

t.test("long values that only the TOAST table's index does not lead to are served again by a new index", async (t) => {
  const test = await makeCluster(t)
  const { toast, index } = await makeLongValues(test)
  const before = await rowsOf(test, 'long')
  await test.psql('checkpoint')
  await test.stop()
  const putOldIndexBack = await keepFile(test, index)
  await test.start()
  await test.psql(`insert into long select n, repeat(n::text, 3000) from generate_series(201, 210) n`)
  await test.stop()
  await putOldIndexBack()
  await test.start()
  const watched = await watch(t, test, 'attempts: 3')
  await t.rejects(test.psql('select md5(d) from long where id = 205'), /missing chunk/)
  await until(async () => (await test.psql('select count(md5(d)) from long').catch(() => '')) === '210' || undefined)
  await watched.said(/rebuilt the index pg_toast\.pg_toast_\d+_index/, 0)
  t.equal((await rowsOf(test, 'long')).length, before.length + 10)
  t.equal(await pathOf(test, await test.psql(`select reltoastrelid::regclass from pg_class where relname = 'long'`)), toast)
})

t.test('a wrong visibility map, which nothing else tells of, is found by the calendar and put right', async (t) => {
  const test = await makeCluster(t)
  await makeTables(test)
  await makeMapWrong(test)
  const watched = await watch(t, test, "checksums: { online_schedule: '* * * * *' }")
  await watched.said(/check-integrity .*the integrity of test is being checked/, 0)
  await watched.said(/integrity-check .*: 1 damaged places/, 0)
  await watched.said(/wrote the vm of public.u anew by a vacuum, nothing lost/, 0)
  await test.psql('create extension pg_visibility')
  t.equal(await test.psql(`select count(*) from pg_check_visible('u')`), '0')
})
