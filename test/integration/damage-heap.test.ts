import { chmod, copyFile, readFile } from 'node:fs/promises'
import t from 'tap'
import { keepPageImages } from '../../src/recovery/remedies/damaged/keep-page-images.ts'
import { salvageAndRewrite } from '../../src/recovery/remedies/damaged/salvage-and-rewrite.ts'
import type { Climbed } from '../../src/recovery/remedies/ladder.ts'
import { badBlocks, climbWith, damagePage, overwritePage, pageDamage, pathOf, rowsOf } from '../recovery/real-damage.ts'
import type { RealGround } from '../recovery/real-ground.ts'
import { makeGround } from '../recovery/real-ground.ts'
import type { TestCluster } from '../support/cluster.ts'
import { makeCluster } from '../support/cluster.ts'

t.setTimeout(600_000)

const BLOCK = 3

/** How the page is hurt: the whole page, the middle of its rows, its header, or one unused byte, which leaves every row readable. */
type Hurt = 'all' | 'rows' | 'header' | 'nothing that matters'

interface Shape {
  readonly of: string
  readonly sql: string
  readonly table: string
  /** What names a row, as text; `undefined` where nothing does. */
  readonly key: string | undefined
}

const FILL = 'generate_series(1, 2000) n'

const SHAPES: readonly Shape[] = [
  {
    of: 'a primary key, with deleted and updated rows',
    sql: `create table t (id int primary key, v text) with (fillfactor = 90);
      insert into t select n, repeat('x', 60) from ${FILL}; vacuum t;
      update t set v = 'hot' where id % 10 = 1; delete from t where id % 10 = 2; update t set id = -id where id % 10 = 3`,
    table: 't',
    key: 'id::text',
  },
  {
    of: 'a key of several columns with texts, one compressed',
    sql: `create table t (name text, region varchar(20), no bigint, primary key (name, region, no));
      insert into t select repeat('Übername' || n, 8 + n % 2 * 100), case n % 3 when 0 then '' else E'a\\tb' end, n from ${FILL}`,
    table: 't',
    key: `name || E'\\t' || replace(region, E'\\t', '\\t') || E'\\t' || no`,
  },
  {
    of: 'no primary key, but a unique index with included columns and nulls',
    sql: `create table t (a int, b int, c text); insert into t select case n % 2 when 0 then n end, n, 'c' || n from ${FILL};
      create unique index on t (b, a) include (c)`,
    table: 't',
    key: `b || E'\\t' || coalesce(a::text, '\\N')`,
  },
  {
    of: 'a unique index on an expression',
    sql: `create table t (v text); insert into t select 'Name' || n from ${FILL}; create unique index on t (lower(v))`,
    table: 't',
    key: 'lower(v)',
  },
  {
    of: 'a partition',
    sql: `create table p (id int, k date, v text, primary key (id, k)) partition by range (k);
      create table t partition of p for values from ('2026-01-01') to ('2027-01-01');
      insert into p select n, '2026-03-01', 'v' || n from ${FILL}`,
    table: 't',
    key: `id || E'\\t' || k`,
  },
  {
    of: 'long values',
    sql: `create table t (id uuid primary key default gen_random_uuid(), d text); alter table t alter d set storage external;
      insert into t (d) select repeat(n::text, 1000) from generate_series(1, 600) n`,
    table: 't',
    key: 'id::text',
  },
  {
    of: 'a key compressed by LZ4, and merged entries',
    sql: `create table t (v text compression lz4, n int); insert into t select repeat('Name' || n, 200), n % 9 from ${FILL};
      create unique index on t (v); create index on t (n)`,
    table: 't',
    key: 'v',
  },
  {
    of: 'no key at all',
    sql: `create table t (v text); insert into t select repeat('v' || n, 10) from ${FILL}`,
    table: 't',
    key: undefined,
  },
]

interface Damaged {
  readonly before: readonly string[]
  readonly lostRows: readonly string[]
  readonly lostKeys: readonly string[]
  readonly path: string
}

const ON_PAGE = `(ctid::text::point)[0] = ${BLOCK}`

async function makeDamaged(test: TestCluster, { sql, table, key }: Shape, hurt: Hurt): Promise<Damaged> {
  for (const statement of sql.split(';')) await test.psql(statement)
  await test.psql('checkpoint')
  const path = await pathOf(test, table)
  const before = await rowsOf(test, table)
  const lostRows = (await test.psql(`select x::text from ${table} x where ${ON_PAGE.replaceAll('ctid', 'x.ctid')} order by 1`)).split('\n')
  const lostKeys = key === undefined ? [] : (await test.psql(`select ${key} from ${table} where ${ON_PAGE}`)).split('\n')
  await test.stop()
  if (hurt === 'all') await overwritePage(test, path, BLOCK, 0xff)
  if (hurt === 'rows') await damagePage(test, path, BLOCK, 5000, 400)
  if (hurt === 'header') await damagePage(test, path, BLOCK, 8, 12)
  if (hurt === 'nothing that matters') await damagePage(test, path, BLOCK, 0, 1)
  await test.start()
  return { before, lostRows, lostKeys, path }
}

async function repair(ground: RealGround, path: string): Promise<Climbed> {
  return climbWith(ground, [keepPageImages, salvageAndRewrite], [pageDamage(path, BLOCK)])
}

for (const [index, shape] of SHAPES.entries()) {
  const hurts: readonly Hurt[] = index === 0 ? ['all', 'rows', 'header'] : index % 2 === 0 ? ['all'] : ['rows']
  for (const hurt of hurts) {
    const checksums = hurt === 'rows' || index === 0
    t.test(
      `${shape.of}, damaged: ${hurt}, ${checksums ? 'with' : 'without'} checksums: the rows of the page are lost, and no other`,
      async (t) => {
        const test = await makeCluster(t, { checksums })
        const ground = await makeGround(test)
        const { before, lostRows, lostKeys, path } = await makeDamaged(test, shape, hurt)
        const image = (await readFile(`${test.cluster.dataDirectory}/${path}`)).subarray(BLOCK * 8192, (BLOCK + 1) * 8192)
        const climbed = await repair(ground, path)
        t.strictSame(climbed.unmended, [], JSON.stringify(climbed))
        t.match(climbed.notDone, shape.key === undefined ? [/no primary key and no other unique index/] : [])
        const lost = new Set(lostRows)
        t.strictSame(
          await rowsOf(test, shape.table),
          before.filter((row) => !lost.has(row)),
        )
        const kept = (name: string) => `${ground.ground.incidentDirectory}/${name}`
        t.ok(image.equals(await readFile(kept(`pages/app.public.t.block-${BLOCK}.page`))))
        if (shape.key !== undefined) {
          const listed = (await readFile(kept('lost-keys/app.public.t.txt'), 'utf8')).trimEnd().split('\n')
          if (hurt !== 'all') t.strictSame(listed.toSorted(), lostKeys.toSorted())
          else
            t.strictSame(
              [...new Set(lostKeys)].filter((lostKey) => !listed.includes(lostKey)),
              [],
              'every lost key is listed',
            )
        }
        await test.psql('create extension amcheck')
        await test.psql(`select bt_index_check(indexrelid, true) from pg_index where indrelid = '${shape.table}'::regclass`)
        t.strictSame(await badBlocks(test, await pathOf(test, shape.table), checksums), [])
        const counts = await Promise.all(
          ['set enable_indexscan = off; set enable_indexonlyscan = off; set enable_bitmapscan = off', 'set enable_seqscan = off'].map(
            (set) => test.psql(`${set}; select count(*) from ${shape.table}`),
          ),
        )
        t.strictSame(counts, [String(before.length - lostRows.length), String(before.length - lostRows.length)])
        t.equal(await test.psql('show zero_damaged_pages'), 'off')
      },
    )
  }
}

t.test('readable rows of any type are kept so that COPY reads them back', async (t) => {
  const test = await makeCluster(t)
  const ground = await makeGround(test)
  await test.psql(
    `create type mood as enum ('sad', 'fine'); create domain price as numeric(12, 3) check (value is not null); create extension citext`,
  )
  await test.psql(`create table t (a int2, gone text, b int4, c int8, d price, e numeric, f float4, g float8, h bool, i text, j varchar(9), k char(5), l bytea,
    m date, n time, o timetz, p timestamp, q timestamptz, r interval, s uuid, u json, v jsonb, w inet, x cidr, y macaddr, z mood, aa int[], ab text[],
    ac mood[], ad numeric[], ae bit(5), af varbit, ag point, ah name, ai "char", aj citext, ak money, al jsonb[], am oid)`)
  await test.psql(`insert into t select n, 'gone', -n, n * 1e12, n / 7.0, case n % 4 when 0 then 'NaN' else -1e20 * n / 3 end, n / 3.0, n / 3.0, n % 2 = 0,
    case n % 3 when 0 then null when 1 then E'tab\\t back\\\\ line\\n' else repeat('long' || n, 900) end, 'vä' || n, n, decode('00ff', 'hex'),
    case n when 5 then 'infinity' when 6 then '0044-03-15 BC' else '1987-06-05'::date + n end, '01:02:03.04'::time + n * interval '1s', '01:02:03+05:30',
    case n when 5 then '-infinity' else '1987-06-05 04:03:02.000001'::timestamp + n * interval '1h' end, '2026-01-01 00:00:00+02'::timestamptz - n * interval '1d',
    make_interval(months => n, days => -n, secs => n * 1.5), gen_random_uuid(), '{"a": 1}', jsonb_build_object('a', n, 'b', array[1.5, n], 'c', null, 'd', jsonb_build_object('e', true, 'f', 'ü"x')),
    case n % 2 when 0 then '10.1.2.3/8' else '2001:db8::1' end::inet, '10.0.0.0/8', '08:00:2b:01:02:03', 'fine', array[n, null, 3], array['a b', null, '', '"q\\'],
    array['sad', 'fine']::mood[], array[[1.5, 2], [n, 4]], B'10101', B'1' || n::bit(7), point(n, -n), 'n' || n, 'c', 'Case' || n, n * 1.25, array['{"k": [1, 2]}'::jsonb], n
    from generate_series(1, 60) n`)
  await test.psql(`alter table t drop column gone; alter table t add column late int default 42, add column later text default E'a,b "c"'`)
  await test.psql('create table t2 (like t); insert into t2 select * from t where (ctid::text::point)[0] = 3')
  await test.psql('checkpoint')
  const path = await pathOf(test, 't')
  await test.stop()
  await damagePage(test, path, BLOCK, 0, 1)
  await test.start()
  const climbed = await repair(ground, path)
  t.strictSame(climbed.unmended, [], JSON.stringify(climbed))
  t.not(await test.psql('select count(*) from t2'), '0')
  const copy = `${test.directory}/rows.copy`
  await copyFile(`${ground.ground.incidentDirectory}/rows/app.public.t.block-${BLOCK}.copy`, copy)
  await chmod(copy, 0o644)
  await test.psql(`create table t3 (like t); alter table t3 alter column d type numeric`)
  await test.psql(`copy t3 from '${copy}' with (header match)`)
  for (const [one, other] of [
    ['t2', 't3'],
    ['t3', 't2'],
  ])
    t.equal(
      await test.psql(
        `select concat_ws(' ', count(*), min(x)) from (select t::text as x from ${one} t except select t::text from ${other} t) as different`,
      ),
      '0',
    )
  t.equal(await test.psql('select count(*) from t2'), await test.psql('select count(*) from t3'))
})

t.test('a page that was not kept is never zeroed: the rewrite is broken off, and the table stays as it is', async (t) => {
  const test = await makeCluster(t)
  const ground = await makeGround(test)
  await test.psql(`create table t (id int primary key, v text); insert into t select n, repeat('x', 100) from ${FILL}`)
  await test.psql('checkpoint')
  const path = await pathOf(test, 't')
  await test.stop()
  for (const block of [BLOCK, BLOCK + 2]) await damagePage(test, path, block)
  await test.start()
  const climbed = await climbWith(ground, [salvageAndRewrite], [pageDamage(path, BLOCK)])
  t.match(climbed, {
    unmended: ['public.t in app'],
    notDone: [/broken off, because more is damaged than was kept: invalid page in block 5/],
  })
  t.equal(await pathOf(test, 't'), path)
  await test.stop()
  await test.start()
  t.strictSame(await badBlocks(test, path), [BLOCK, BLOCK + 2])
})

t.test('with a damaged system catalog no table is rewritten', async (t) => {
  const test = await makeCluster(t)
  const ground = await makeGround(test)
  await test.psql(`create table t (id int primary key, v text); insert into t select n, repeat('x', 100) from ${FILL}`)
  await test.psql('checkpoint')
  const [path, catalog] = [await pathOf(test, 't'), await pathOf(test, 'pg_description')]
  await test.stop()
  await damagePage(test, path, BLOCK)
  await damagePage(test, catalog, 1)
  await test.start()
  const climbed = await repair(ground, path)
  t.match(climbed, {
    unmended: ['public.t in app'],
    notDone: [/could zero a system catalog: pg_catalog.pg_description has 1 damaged pages/],
  })
  t.equal(await pathOf(test, 't'), path)
})
