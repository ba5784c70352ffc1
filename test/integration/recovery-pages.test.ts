import { readdir, readFile } from 'node:fs/promises'
import t from 'tap'
import type { Test } from 'tap'
import { makeGround } from '../recovery/real-ground.ts'
import { CRASHED } from '../recovery/crashed.ts'
import { SETTINGS } from '../recovery/settings.ts'
import { becomeOwner } from '../support/become-owner.ts'
import type { TestCluster } from '../support/cluster.ts'
import { makeCluster } from '../support/cluster.ts'
import { badBlocks, hurtPage } from '../support/page-damage.ts'
import { makeStandby } from '../support/standby.ts'
import { runLoad } from '../support/write-load.ts'

t.setTimeout(300_000)
becomeOwner()

const FROM_WAL = { ...SETTINGS, repair: { ...SETTINGS.repair, replayWal: true, zeroDamagedPages: false } }
const FROM_STANDBY = { ...SETTINGS, repair: { ...SETTINGS.repair, replayWal: false, zeroDamagedPages: false } }

const onPages = (relationPath: string, blocks: readonly number[]) => ({
  damages: blocks.map((block) => ({
    kind: 'page' as const,
    relationPath,
    block,
    message: `invalid page in block ${block} of relation ${relationPath}`,
  })),
  assessment: { ...CRASHED, cause: 'damaged' as const, plan: 'repair-online' as const },
})

/** 20000 rows, changed in several ways over several checkpoints, and then no longer in the buffers. */
async function makeTable(test: TestCluster): Promise<string> {
  await test.psql('create table t (id int primary key, name text, n int not null default 0)')
  await test.psql(`insert into t select g, 'row ' || g from generate_series(1, 20000) g`)
  for (const change of ['n = 1 where id % 7 = 0', `name = name || '!' where id % 5 = 0`, 'n = 2 where id % 11 = 0']) {
    for (const sql of ['vacuum t', 'checkpoint', `update t set ${change}`, 'select count(*) from t']) await test.psql(sql)
  }
  await test.psql(`delete from t where id % 1000 = 1`)
  await test.psql('vacuum (freeze) t')
  await test.psql('update t set n = 3 where id % 13 = 0')
  await test.psql(BUMP)
  await emptyBuffers(test)
  return test.psql(`select pg_relation_filepath('t')`)
}

async function emptyBuffers(test: TestCluster): Promise<void> {
  await test.stop()
  await test.start()
}

const CONTENT = `select md5(string_agg(t::text, E'\n' order by id)), count(*) from t`
const LOWER = 'where id <= 4000'

/** Changes one row; a new version that would go to a damaged page is refused by the server, and counted. */
const BUMP = `
  create table refused (at timestamptz);
  create function bump(which int) returns void language plpgsql as $$
  begin
    update t set n = n + 1 where id = which;
  exception when data_corrupted then insert into refused values (now());
  end $$`
/** Writes to rows that are not on the first pages. */
const LOAD = '\\set id 10 * random(401, 2000)\nselect bump(:id);\n'

interface Before {
  readonly lower: string
  readonly sum: string
}

async function copyBefore(test: TestCluster): Promise<Before> {
  return { lower: await test.psql(`${CONTENT} ${LOWER}`), sum: await test.psql('select sum(n) from t') }
}

/** Every row that nobody changed is as before, and every acknowledged change is there. */
async function compare(t: Test, test: TestCluster, before: Before, acknowledged: number): Promise<void> {
  t.equal(await test.psql(`${CONTENT} ${LOWER}`), before.lower)
  const [sum, refused] = (await test.psql('select (select sum(n) from t), (select count(*) from refused)')).split('|').map(Number)
  t.equal((sum ?? 0) - Number(before.sum), acknowledged - (refused ?? 0), 'every acknowledged change is there')
  t.equal(await test.psql(`set enable_seqscan = off; ${CONTENT}`), await test.psql(`set enable_indexscan = off; ${CONTENT}`))
  await test.stop()
  t.match((await test.runAsOwner(CHECKSUMS, ['--check', '-D', test.cluster.dataDirectory])).stdout, /Bad checksums: +0/)
}

const CHECKSUMS = '/usr/lib/postgresql/15/bin/pg_checksums'

/** One page for each way to hurt one. */
async function hurtPages(test: TestCluster, path: string): Promise<readonly number[]> {
  const hurts = ['tuples', 'header', 'everything'] as const
  const blocks = hurts.map((_, index) => 3 * index + 2)
  for (const [index, hurt] of hurts.entries()) await hurtPage(test, path, blocks[index] ?? 0, hurt)
  return blocks
}

t.test('damaged pages are copied from the standby while others write to the table, and nothing is lost', async (t) => {
  const test = await makeCluster(t)
  const path = await makeTable(test)
  const standby = await makeStandby(t, test)
  const { recover, told, ground } = await makeGround(test, { standbyPort: standby.port })
  const before = await copyBefore(test)
  await emptyBuffers(test)
  const blocks = await hurtPages(test, path)
  t.same(await badBlocks(test, path), blocks)
  await t.rejects(test.psql(CONTENT), /invalid page in block/)
  const load = runLoad(test, LOAD, 6)
  const outcome = await recover({ plan: 'repair-online', ground: { ...onPages(path, [2]), settings: FROM_STANDBY } })
  t.match(outcome, { status: 'succeeded', notDone: [] }, told.join('\n'))
  t.match(outcome.done.join('\n'), /wrote 3 pages of public.t anew by the standby, nothing lost/)
  t.same(await badBlocks(test, path), [], 'the disk shows it')
  t.equal((await readdir(`${ground.incidentDirectory}/pages`)).length, 3)
  await compare(t, test, before, await load)
})

t.test('damaged pages are made anew by redo while others write to the table, and nothing is lost', async (t) => {
  const test = await makeCluster(t, { settings: { wal_keep_size: '256MB' } })
  const path = await makeTable(test)
  const { recover, told, ground } = await makeGround(test)
  const before = await copyBefore(test)
  await emptyBuffers(test)
  await hurtPages(test, path)
  const load = runLoad(test, LOAD, 6)
  const outcome = await recover({ plan: 'repair-online', ground: { ...onPages(path, [2]), settings: FROM_WAL } })
  t.match(outcome, { status: 'succeeded', notDone: [] }, told.join('\n'))
  t.match(outcome.done.join('\n'), /wrote 3 pages of public.t anew by the WAL, nothing lost/)
  t.same(await badBlocks(test, path), [], 'the disk shows it')
  t.same(
    (await readdir(ground.stateDirectory)).filter((name) => name.startsWith('scratch')),
    [],
    'nothing of the scratch server is left',
  )
  await compare(t, test, before, await load)
})

t.test('a page of which only row contents are hurt gets a new checksum where that is asked for, and its rows are listed', async (t) => {
  const test = await makeCluster(t)
  const path = await makeTable(test)
  const { recover, told, ground } = await makeGround(test)
  const [before, suspects] = [
    (await test.psql('select t from t order by id')).split('\n'),
    (await test.psql(`select id from t where (ctid::text::point)[0] = 2 order by id::text`)).split('\n'),
  ]
  await emptyBuffers(test)
  await hurtPage(test, path, 2, 'text')
  await hurtPage(test, path, 5, 'header')
  const repair = { ...SETTINGS.repair, restamp: true, zeroDamagedPages: false }
  const outcome = await recover({ plan: 'repair-online', ground: { ...onPages(path, [2, 5]), settings: { ...SETTINGS, repair } } })
  t.match(outcome, { status: 'held', why: /zero_damaged_pages is off/ }, told.join('\n'))
  t.match(outcome.done.join('\n'), /gave 1 pages of public.t a new checksum; some of their \d+ rows may be wrong, listed in/)
  t.same(await badBlocks(test, path), [5], 'a page whose header is hurt is left')
  await test.psql(`set zero_damaged_pages = on; select count(*) from t`)
  const after = new Set((await test.psql('select t from t order by id')).split('\n'))
  const lost = before.filter((row) => !after.has(row) && suspects.includes(/^\((\d+),/.exec(row)?.[1] ?? ''))
  t.equal(lost.length, 1, 'the one row that was hurt')
  const listed = (await readFile(`${ground.incidentDirectory}/suspect-keys/app.public.t.txt`, 'utf8')).trim().split('\n')
  t.same(
    suspects.filter((key) => !listed.includes(key)),
    [],
  )
})
