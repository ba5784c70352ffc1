import t from 'tap'
import { runSetup, setupStatements, undoStatements } from '../../src/probes/setup-database.ts'
import type { SetupOutcome } from '../../src/probes/setup-database.ts'
import { RING_ROWS, WRITE } from '../../src/probes/write-ring.ts'
import { makeCluster } from '../support/cluster.ts'
import type { TestCluster } from '../support/cluster.ts'
import { connectTo } from '../support/look.ts'

// A machine that runs other tests at the same time is slow; no time is judged here.
t.setTimeout(300_000)

/** What the writes are for: a table and its index that have the size of their first day. */
const WRITES = 5000

function run(made: TestCluster, statements: readonly string[], reported: string[] = []): Promise<SetupOutcome> {
  return runSetup({ postgres: connectTo(made), database: 'app', statements, timeoutMs: 10_000, report: (text) => reported.push(text) })
}

const sizes = (made: TestCluster): Promise<string> =>
  made.psql(`select pg_total_relation_size('pgwatchd.ring'), pg_relation_size('pgwatchd.ring'), pg_relation_size('pgwatchd.ring_pkey')`)

t.test('the ring', async (t) => {
  const made = await makeCluster(t, { fsync: true })

  t.test('is made with 100 rows and no more rights than needed', async (t) => {
    const reported: string[] = []
    t.strictSame(await run(made, setupStatements('app'), reported), { ok: true })
    t.strictSame(reported, setupStatements('app'))
    t.equal(await made.psql('select count(*), min(slot), max(slot) from pgwatchd.ring'), `${RING_ROWS}|0|${RING_ROWS - 1}`)
    const can = (privilege: string): Promise<string> => made.psql(`select has_table_privilege('app', 'pgwatchd.ring', '${privilege}')`)
    for (const privilege of ['select', 'update']) t.equal(await can(privilege), 't', privilege)
    for (const privilege of ['insert', 'delete', 'truncate', 'trigger', 'references']) t.equal(await can(privilege), 'f', privilege)
    t.equal(await made.psql(`select has_schema_privilege('app', 'pgwatchd', 'create')`), 'f')
  })

  t.test('a second time nothing changes', async (t) => {
    await made.psql('update pgwatchd.ring set writes = 7 where slot = 3')
    const describe = (): Promise<string> =>
      made.psql(`select c.oid, c.relname, c.relacl, c.reloptions, c.relowner, n.nspacl, c.relfilenode
        from pg_class c join pg_namespace n on n.oid = c.relnamespace where nspname = 'pgwatchd' order by 1`)
    const before = await describe()
    t.strictSame(await run(made, setupStatements('app')), { ok: true })
    t.equal(await describe(), before)
    t.equal(await made.psql('select sum(writes) from pgwatchd.ring'), '7')
  })

  t.test('does not grow, and costs little write-ahead log', async (t) => {
    const opened = await connectTo(made).open({ role: 'application', timeoutMs: 5000, purpose: 'test' })
    if (!opened.ok) throw new Error(opened.failure.message)
    const write = (slot: number) => opened.value.query({ text: WRITE, values: [slot % RING_ROWS], timeoutMs: 5000 })
    for (let slot = 0; slot < 200; slot++) await write(slot)
    await made.psql('checkpoint')
    for (let slot = 0; slot < 200; slot++) await write(slot)
    const before = await sizes(made)
    const lsn = await made.psql('select pg_current_wal_insert_lsn()')
    for (let slot = 0; slot < WRITES; slot++) await write(slot)
    const bytes = Number(await made.psql(`select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '${lsn}')`)) / WRITES
    t.comment(`${bytes.toFixed(0)} bytes of WAL for each write; total, table and index sizes ${await sizes(made)}`)
    t.equal(await sizes(made), before)
    t.ok(bytes < 400, 'less than 400 bytes for each write')
    await opened.value.close()
    await made.psql('select pg_stat_force_next_flush()')
    const updates = await made.psql(`select n_tup_upd - n_tup_hot_upd from pg_stat_user_tables where relname = 'ring'`)
    t.comment(`${updates} of the updates left their page`)
  })

  t.test('a table for all of which changes are published can be written', async (t) => {
    await made.psql('create publication everything for all tables')
    t.equal(await made.psql('set role app; update pgwatchd.ring set writes = 0 where slot = 1 returning slot'), '1')
    await made.psql('drop publication everything')
  })

  t.test('is taken back, twice', async (t) => {
    for (let time = 0; time < 2; time++) t.strictSame(await run(made, undoStatements()), { ok: true })
    t.equal(await made.psql(`select count(*) from pg_namespace where nspname = 'pgwatchd'`), '0')
  })

  t.test('a schema that another user prepared is refused', async (t) => {
    await made.psql('grant create on database app to app')
    await made.psql('create schema pgwatchd; create table pgwatchd.ring (slot int)', { user: 'app' })
    for (const statements of [setupStatements('app'), undoStatements()]) {
      const outcome = await run(made, statements)
      t.match(outcome, { ok: false, failure: { message: /belongs to a user who is no superuser/ } })
    }
    t.equal(await made.psql(`select count(*) from pgwatchd.ring`), '0')
    await made.psql('drop schema pgwatchd cascade')
  })

  t.test('a user name cannot end its quotes', async (t) => {
    const name = 'x"; drop table pgwatchd.ring; --'
    await made.psql(`create role "x""; drop table pgwatchd.ring; --" login`)
    t.strictSame(await run(made, setupStatements(name)), { ok: true })
    t.equal(await made.psql('select count(*) from pgwatchd.ring'), String(RING_ROWS))
  })

  t.test('a read-only default does not keep it from being made, a stopped server does', async (t) => {
    await run(made, undoStatements())
    await made.psql('alter database app set default_transaction_read_only = on', { database: 'postgres' })
    t.strictSame(await run(made, setupStatements('app')), { ok: true })
    await made.stop()
    t.match(await run(made, setupStatements('app')), { ok: false, statement: '', failure: { kind: 'no-socket' } })
  })
})
