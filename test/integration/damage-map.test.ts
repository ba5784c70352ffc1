import { readdir } from 'node:fs/promises'
import t from 'tap'
import type { Damage } from '../../src/core/facts.ts'
import { badBlocks, damagePage, groundOf, keepFile, pageDamage, pathOf, rowsOf } from '../recovery/real-damage.ts'
import { makeGround } from '../recovery/real-ground.ts'
import { holdTransaction } from '../support/transaction.ts'
import type { TestCluster } from '../support/cluster.ts'
import { makeCluster } from '../support/cluster.ts'

t.setTimeout(300_000)

async function makeTable(test: TestCluster, name = 't'): Promise<string> {
  await test.psql(
    `create table ${name} (id int primary key, v text); insert into ${name} select n, repeat('x', 50) from generate_series(1, 10000) n`,
  )
  await test.psql(`delete from ${name} where id % 7 = 0`)
  await test.psql(`vacuum ${name}`)
  await test.psql('checkpoint')
  return pathOf(test, name)
}

for (const checksums of [true, false]) {
  t.test(`both maps are written anew, ${checksums ? 'with' : 'without'} checksums, and nothing is lost`, async (t) => {
    const test = await makeCluster(t, { checksums })
    const { recover, told, ground } = await makeGround(test)
    const maps = [`${await makeTable(test, 't')}_vm`, `${await makeTable(test, 'u')}_fsm`]
    const before = [await rowsOf(test, 't'), await rowsOf(test, 'u')]
    await test.stop()
    for (const map of maps) await damagePage(test, map, 0, 10, 12)
    await test.start()
    const outcome = await recover({ plan: 'repair-online', ground: groundOf(...maps.map((map) => pageDamage(map, 0))) })
    t.match(outcome, { status: 'succeeded', notDone: [] }, told.join('\n'))
    t.match(outcome.done.join('\n'), /wrote the vm of public.t anew by a vacuum[^]*wrote the fsm of public.u anew by a vacuum/)
    t.strictSame([await rowsOf(test, 't'), await rowsOf(test, 'u')], before)
    t.match((await readdir(`${ground.incidentDirectory}/pages`)).toSorted(), [
      'app.public.t_vm.block-0.page',
      'app.public.u_fsm.block-0.page',
    ])
    for (const map of maps) t.strictSame(await badBlocks(test, map, checksums), [], map)
    await test.stop()
    for (const map of maps) t.strictSame(await badBlocks(test, map, checksums), [], `${map} after a stop`)
  })
}

t.test('where a vacuum may not set a bit, zeros take the place of the damaged page, and later vacuums fill it', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  const path = await makeTable(test)
  await test.stop()
  await damagePage(test, `${path}_vm`, 0)
  await test.start()
  const release = await holdTransaction(test, 'set transaction isolation level repeatable read; select txid_current()')
  await test.psql(`update t set v = 'y'`)
  const before = await rowsOf(test, 't')
  const outcome = await recover({ plan: 'repair-online', ground: groundOf(pageDamage(`${path}_vm`, 0)) })
  t.match(outcome, { status: 'succeeded', notDone: [] }, told.join('\n'))
  t.match(outcome.done.join('\n'), /wrote zeros over 1 pages of the vm/)
  t.strictSame(await badBlocks(test, `${path}_vm`), [])
  await release()
  await test.psql('create extension pg_visibility')
  await test.psql('vacuum t')
  t.equal(await test.psql(`select count(*) from pg_visibility_map('t') where not all_visible`), '0')
  t.equal(await test.psql(`select count(*) from pg_check_visible('t')`), '0')
  t.strictSame(await rowsOf(test, 't'), before)
})

t.test('the map of a TOAST table, of an index and of a system catalog is written anew too', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  await test.psql(`create table t (id int primary key, d text); alter table t alter d set storage external;
    insert into t select n, repeat(n::text, 2000) from generate_series(1, 200) n; delete from t where id < 50`)
  for (const table of ['t', 'pg_proc']) await test.psql(`vacuum ${table}`)
  await test.psql('create index t_hash on t using hash (id); delete from t where id < 100')
  await test.psql('vacuum t')
  await test.psql('checkpoint')
  const toast = await test.psql(`select reltoastrelid::regclass from pg_class where relname = 't'`)
  const maps = [`${await pathOf(test, toast)}_vm`, `${await pathOf(test, 'pg_proc')}_fsm`]
  await test.stop()
  for (const map of maps) await damagePage(test, map, 0)
  await test.start()
  const outcome = await recover({ plan: 'repair-online', ground: groundOf(...maps.map((map) => pageDamage(map, 0))) })
  t.match(outcome, { status: 'succeeded', notDone: [] }, told.join('\n'))
  for (const map of maps) t.strictSame(await badBlocks(test, map), [], map)
})

t.test('a visibility map that claims too much is put right', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  const path = await makeTable(test)
  await test.psql('create extension pg_visibility')
  await test.stop()
  const putOldMapBack = await keepFile(test, `${path}_vm`)
  await test.start()
  await test.psql('delete from t where id between 100 and 110')
  await test.stop()
  await putOldMapBack()
  await test.start()
  const scan = 'set enable_seqscan = off; set enable_bitmapscan = off; select count(*) from t where id between 100 and 110'
  t.not(await test.psql(scan), '0', 'an index-only scan believes the map')
  const wrong: Damage = { kind: 'visibility', relationPath: `${path}_vm`, block: -1, message: 'the map says more than the table' }
  const outcome = await recover({ plan: 'repair-online', ground: groundOf(wrong) })
  t.match(outcome, { status: 'succeeded', notDone: [] }, told.join('\n'))
  t.equal(await test.psql(scan), '0')
  t.equal(await test.psql(`select count(*) from pg_check_visible('t')`), '0')
})
