import t from 'tap'
import { badBlocks, damagePage, groundOf, pageDamage, pathOf, rowsOf } from '../recovery/real-damage.ts'
import { makeGround } from '../recovery/real-ground.ts'
import { makeCluster } from '../support/cluster.ts'

t.setTimeout(300_000)

for (const checksums of [true, false]) {
  t.test(`pages that are whole in the buffers are written anew, ${checksums ? 'with' : 'without'} checksums`, async (t) => {
    const test = await makeCluster(t, { checksums })
    const { recover, told } = await makeGround(test)
    await test.psql(`create table plain (id int, v text); insert into plain select n, repeat('x', 100) from generate_series(1, 1000) n;
      create table long (id int primary key, d text); alter table long alter d set storage external;
      insert into long select n, repeat(n::text, 2000) from generate_series(1, 50) n;
      create materialized view seen as select n, repeat('y', 100) as v from generate_series(1, 1000) n;
      create table dead (id int, v text); insert into dead select n, repeat('z', 100) from generate_series(1, 1000) n;
      delete from dead where (ctid::text::point)[0] = 2`)
    await test.psql('select count(*) from dead')
    const toast = await test.psql(`select reltoastrelid::regclass from pg_class where relname = 'long'`)
    for (const table of ['plain', 'long', 'seen']) await test.psql(`vacuum ${table}`)
    await test.psql('checkpoint')
    const tables = ['plain', 'long', 'seen', 'dead']
    const before = await Promise.all(tables.map((table) => rowsOf(test, table)))
    const paths = await Promise.all(['plain', toast, 'seen', 'dead'].map((name) => pathOf(test, name)))
    for (const path of paths) await damagePage(test, path, 2, 10, 12)
    await test.psql('alter database app set default_transaction_read_only = on; alter database app set zero_damaged_pages = on')
    const outcome = await recover({ plan: 'repair-online', ground: groundOf(...paths.map((path) => pageDamage(path, 2))) })
    t.match(outcome, { status: 'succeeded', notDone: [] }, told.join('\n'))
    for (const [index, path] of paths.entries()) {
      t.strictSame(await badBlocks(test, path, checksums), [], tables[index] ?? '')
      t.match(outcome.done.join('\n'), /buffers, nothing lost/)
    }
    await test.stop()
    await test.start()
    t.strictSame(await Promise.all(tables.map((table) => rowsOf(test, table))), before, 'nothing is lost after a restart')
    t.equal(await test.psql(`select count(*) from pg_extension where extname like 'pg\\_%'`), '0')
  })
}
