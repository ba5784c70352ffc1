import t from 'tap'
import { makeGround } from '../recovery/real-ground.ts'
import {
  badBlocks,
  countByIndex,
  cutFile,
  damagePage,
  groundOf,
  overwritePage,
  pageDamage,
  pathOf,
  removeFile,
  rowsOf,
} from '../recovery/real-damage.ts'
import { SETTINGS } from '../recovery/settings.ts'
import type { TestCluster } from '../support/cluster.ts'
import { BINARY_DIRECTORY, makeCluster } from '../support/cluster.ts'
import { holdTransaction } from '../support/transaction.ts'

t.setTimeout(300_000)

/** One index of each access method, and of each thing that stands upon an index. */
const TABLES = [
  `create table t (id int primary key, a int[], p point, v text, unique (v));
   insert into t select n, array[n, n + 1], point(n, n), 'v' || n from generate_series(1, 5000) n;
   create index t_gin on t using gin (a); create index t_gist on t using gist (p); create index t_spgist on t using spgist (p);
   create index t_brin on t using brin (id); create index t_hash on t using hash (v);
   create index t_expression on t (lower(v)) where id % 2 = 0`,
  `create table x (r int4range, exclude using gist (r with &&)); insert into x select int4range(n * 10, n * 10 + 5) from generate_series(1, 3000) n`,
  `create table part (id int, k int, primary key (id, k)) partition by range (k);
   create table part1 partition of part for values from (0) to (1000); insert into part select n, n % 200 from generate_series(1, 5000) n`,
  `create table long (id int primary key, d text); alter table long alter d set storage external;
   insert into long select n, repeat(n::text, 2000) from generate_series(1, 200) n`,
]
const INDEXES = ['t_pkey', 't_v_key', 't_gin', 't_gist', 't_spgist', 't_brin', 't_hash', 't_expression', 'x_r_excl', 'part1_pkey']

async function makeTables(test: TestCluster): Promise<readonly string[]> {
  for (const table of TABLES) await test.psql(table)
  const toast = await test.psql(`select reltoastrelid::regclass || '_index' from pg_class where relname = 'long'`)
  await test.psql('checkpoint')
  return [...INDEXES, toast]
}

const contents = async (test: TestCluster) => Promise.all(['t', 'x', 'part', 'long'].map((table) => rowsOf(test, table)))

for (const checksums of [true, false]) {
  t.test(`every kind of index is built anew, ${checksums ? 'with' : 'without'} checksums, and no row is lost`, async (t) => {
    const test = await makeCluster(t, { checksums })
    const { recover, told } = await makeGround(test)
    const names = await makeTables(test)
    const before = await contents(test)
    const paths = await Promise.all(names.map((name) => pathOf(test, name)))
    await test.stop()
    for (const path of paths) await damagePage(test, path, path === paths[0] ? 1 : 0, 10, 12)
    await test.start()
    const outcome = await recover({
      plan: 'repair-online',
      ground: groundOf(...paths.map((path) => pageDamage(path, path === paths[0] ? 1 : 0))),
    })
    t.match(outcome, { status: 'succeeded', notDone: [] }, told.join('\n'))
    for (const name of names) t.ok(outcome.done.join('\n').includes(`${name} in app, nothing lost`), name)
    t.strictSame(await contents(test), before)
    t.equal(await countByIndex(test, 't', 'id > 0'), '5000')
    t.equal(await countByIndex(test, 't', `v > ''`), '5000')
    for (const name of names) t.strictSame(await badBlocks(test, await pathOf(test, name), checksums), [], name)
    t.equal(await test.psql('select count(*) from pg_index where not indisvalid'), '0')
    await t.rejects(test.psql(`insert into t values (1)`), /duplicate key/)
    await t.rejects(test.psql(`insert into x values ('[11, 12]')`), /exclusion constraint/)
  })
}

t.test('an index whose file is missing, empty, or has a page of zeros is built anew', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  await makeTables(test)
  const before = await contents(test)
  const [missing, empty, zeros] = await Promise.all(['t_pkey', 't_v_key', 't_gin'].map((name) => pathOf(test, name)))
  await test.stop()
  await removeFile(test, missing ?? '')
  await cutFile(test, empty ?? '', 0)
  await overwritePage(test, zeros ?? '', 1, 0)
  await test.start()
  const outcome = await recover({
    plan: 'repair-online',
    ground: groundOf(
      { kind: 'missing-file', relationPath: missing ?? '', block: -1, message: 'could not open file' },
      { kind: 'short-file', relationPath: empty ?? '', block: 0, message: 'read only 0 of 8192 bytes' },
      { kind: 'index', relationPath: 't_gin', block: 1, message: 'index "t_gin" contains unexpected zero page at block 1' },
    ),
  })
  t.match(outcome, { status: 'succeeded', notDone: [] }, told.join('\n'))
  t.strictSame(await contents(test), before)
  t.equal(await countByIndex(test, 't', 'id > 0'), '5000')
  t.equal(await countByIndex(test, 't', `v > ''`), '5000')
  t.equal(await test.psql(`set enable_seqscan = off; select count(*) from t where a @> array[77]`), '2')
})

t.test('what broken-off rebuilds left behind is dropped; what is valid, or is being built, is not', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  await test.psql('create table t (id int primary key, v text); insert into t select n, n from generate_series(1, 5000) n')
  await test.psql('create index mine_ccnew on t (v)')
  const release = await holdTransaction(test, `update t set v = v where id = 1; select 1`)
  await t.rejects(
    test.runAsOwner('/usr/bin/env', [
      'PGOPTIONS=-c lock_timeout=500ms',
      `${BINARY_DIRECTORY}/psql`,
      ...login(test),
      '-c',
      'reindex index concurrently t_pkey',
    ]),
  )
  await release()
  t.equal(await test.psql('select count(*) from pg_index where not indisvalid'), '1')
  await test.psql('checkpoint')
  const path = await pathOf(test, 't_pkey')
  await test.stop()
  await damagePage(test, path, 1)
  await test.start()
  const outcome = await recover({ plan: 'repair-online', ground: groundOf(pageDamage(path, 1)) })
  t.match(outcome, { status: 'succeeded', notDone: [] }, told.join('\n'))
  t.match(outcome.done.join('\n'), /dropped public.t_pkey_ccnew/)
  t.equal(
    await test.psql(`select string_agg(indexrelid::regclass::text, ' ' order by 1) from pg_index where indrelid = 't'::regclass`),
    'mine_ccnew t_pkey',
  )
})

t.test('a rebuild that only waits to drop the old index has mended it; the old one is told', async (t) => {
  const test = await makeCluster(t)
  const { recover } = await makeGround(test)
  await test.psql('create table t (id int primary key); insert into t select generate_series(1, 5000)')
  await test.psql('checkpoint')
  const path = await pathOf(test, 't_pkey')
  await test.stop()
  await damagePage(test, path, 1)
  await test.start()
  const release = await holdTransaction(test, 'set local enable_indexscan = off; set local enable_bitmapscan = off; select count(*) from t')
  const settings = { ...SETTINGS, repair: { ...SETTINGS.repair, statementTimeoutMs: 10_000 } }
  const outcome = await recover({ plan: 'repair-online', ground: { ...groundOf(pageDamage(path, 1)), settings } })
  t.match(outcome, {
    status: 'held',
    done: [/./, /./, /rebuilt the index public.t_pkey/],
    why: /drop index concurrently public.t_pkey_ccold/,
  })
  t.equal(await countByIndex(test, 't', 'id > 0'), '5000')
  await release()
})

function login(test: TestCluster): readonly string[] {
  return ['-X', '-h', test.cluster.socketDirectory, '-p', String(test.cluster.port), '-U', 'postgres', '-d', 'app']
}

t.test('an index is rebuilt after its table, whose damage nobody had named', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  await test.psql(`create table t (id int primary key, v text); insert into t select n, repeat('x', 100) from generate_series(1, 5000) n`)
  await test.psql('checkpoint')
  const [heap, index] = [await pathOf(test, 't'), await pathOf(test, 't_pkey')]
  const onPage = Number(await test.psql('select count(*) from t where (ctid::text::point)[0] = 3'))
  await test.stop()
  await overwritePage(test, heap, 3, 0xff)
  await damagePage(test, index, 1)
  await test.start()
  const outcome = await recover({ plan: 'repair-online', ground: groundOf(pageDamage(index, 1)) })
  t.match(outcome.done.join('\n'), /rewrote public.t and its indexes without 1 damaged pages/, told.join('\n'))
  t.equal(await countByIndex(test, 't', 'id > 0'), String(5000 - onPage))
  t.strictSame(await badBlocks(test, await pathOf(test, 't')), [])
  t.strictSame(await badBlocks(test, await pathOf(test, 't_pkey')), [])
})

t.test('of a table whose file is cut short it is told what is missing', async (t) => {
  const test = await makeCluster(t)
  const { recover } = await makeGround(test)
  await test.psql(`create table t (id int primary key, v text); insert into t select n, repeat('x', 100) from generate_series(1, 5000) n`)
  await test.psql('vacuum t')
  await test.psql('checkpoint')
  const path = await pathOf(test, 't')
  const pages = await test.psql(`select relpages from pg_class where relname = 't'`)
  await test.stop()
  await cutFile(test, path, 10 * 8192)
  await test.start()
  const damage = { kind: 'short-file' as const, relationPath: path, block: 20, message: 'could not read block 20' }
  t.match(await recover({ plan: 'repair-online', ground: groundOf(damage) }), {
    status: 'held',
    why: new RegExp(`10 pages are there, of ${pages} that the catalog knows of; restore it`),
  })
})
