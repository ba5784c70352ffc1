import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { SpaceHolder } from '../../src/core/disk/holder.ts'
import { formatLsn } from '../../src/core/postgres/lsn.ts'
import { parseSlotState } from '../../src/core/postgres/slot-state.ts'
import { createGrowthMemory } from '../../src/probes/space/growth-memory.ts'
import { findHolders } from '../../src/probes/space/find-holders.ts'
import { sampleSizes } from '../../src/probes/space/sample-sizes.ts'
import { makeGround } from '../recovery/real-ground.ts'
import type { TestCluster } from '../support/cluster.ts'
import { BINARY_DIRECTORY, makeCluster } from '../support/cluster.ts'

t.setTimeout(300_000)

const SIGNAL = new AbortController().signal
const WRITES_80_MB = 'insert into big select repeat(md5(n::text), 30) from generate_series(1, 75000) n'

async function survey(t: Parameters<typeof makeCluster>[0], settings: Readonly<Record<string, string | number>> = {}) {
  const test = await makeCluster(t, { settings: { min_wal_size: '32MB', max_wal_size: '64MB', ...settings } })
  const { ground } = await makeGround(test)
  const growth = createGrowthMemory()
  const find = () => findHolders({ cluster: test.cluster, outside: ground.outside, growth }, SIGNAL)
  return { test, find, sample: () => sampleSizes(ground.outside, growth, SIGNAL) }
}

const told = (holders: readonly SpaceHolder[], kind: SpaceHolder['kind']) => holders.find((holder) => holder.kind === kind)

/** A psql session that goes on until the test ends it. */
function hold(test: TestCluster, sql: string): { end(): void } {
  const session = ['-h', test.cluster.socketDirectory, '-p', String(test.cluster.port), '-U', 'postgres', '-d', 'app']
  const child = spawn(`${BINARY_DIRECTORY}/psql`, ['-Xq', ...session], { stdio: ['pipe', 'ignore', 'ignore'] })
  child.stdin.write(sql)
  return { end: () => void child.kill('SIGKILL') }
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const endMs = performance.now() + 60_000; performance.now() < endMs; await sleep(100)) {
    const seen = await look()
    if (seen !== undefined) return seen
  }
  throw new Error('it did not come to that within a minute')
}

t.test('a slot that nobody reads, asked of the server and read from its disk', async (t) => {
  const { test, find } = await survey(t, { wal_level: 'logical' })
  await test.psql("select pg_create_physical_replication_slot('dead', true)")
  await test.psql("select pg_create_logical_replication_slot('forgotten', 'pgoutput')")
  await test.psql(`create table big (t text); ${WRITES_80_MB}; checkpoint`)
  const [first] = (await find()).filter(({ kind }) => kind === 'replication-slot')
  t.match(first, { sentence: /^the replication slot (dead|forgotten), which nobody reads, keeps \d+ MB of WAL$/ })
  const drop = (await find()).flatMap(({ commands }) => commands).filter(({ text }) => text.includes('pg_drop_replication_slot'))
  t.match(
    drop.find(({ text }) => text.includes("'dead'")),
    { as: 'sql', remark: /your decision.*its standby has to be made anew/ },
  )
  t.match(
    drop.find(({ text }) => text.includes("'forgotten'")),
    { remark: /its subscriber/ },
  )
  for (const name of ['dead', 'forgotten']) {
    const state = parseSlotState(readFileSync(`${test.cluster.dataDirectory}/pg_replslot/${name}/state`))
    t.equal(state?.kind, name === 'dead' ? 'physical' : 'logical')
    t.equal(formatLsn(state?.restartLsn ?? 0n), await test.psql(`select restart_lsn from pg_replication_slots where slot_name = '${name}'`))
  }
  await test.stop('fast')
  const slot = told(await find(), 'replication-slot')
  t.match(slot, { sentence: /^the replication slot \w+ keeps \d+ MB of WAL$/, commands: [{ remark: /^once the server runs again/ }] })
  t.ok((slot?.bytes ?? 0) > 70e6 && (slot?.bytes ?? 0) < 200e6, `${slot?.bytes} bytes`)
})

t.test('an archiver that fails, hangs, is slow, or has no command', async (t) => {
  const { test, find } = await survey(t, { archive_mode: 'on', archive_command: "test ! -f %p && echo 'nowhere'" })
  await test.psql(`create table big (t text); ${WRITES_80_MB}`)
  const failing = await until(async () => {
    const holder = told(await find(), 'archiver')
    return holder !== undefined && /it fails, .*exit code/.test(holder.sentence) ? holder : undefined
  })
  t.match(
    failing.sentence,
    /^\d+ WAL files wait for archive_command \(\d+ MB\): it fails, \d+ times so far, the last time .* ago for 0{7}1/,
  )
  t.match(failing.sentence, /archive command failed with exit code 1: test ! -f pg_wal\/0{7}1\w+ && echo 'nowhere'$/)
  t.match(failing.commands[0], { as: 'shell', text: /sudo -u postgres sh -c 'test ! -f pg_wal\/\w+ && echo '\\''nowhere'\\'''$/ })

  await test.configure({ archive_command: 'sleep 1' })
  await test.psql('select pg_reload_conf()')
  const slow = await until(async () => {
    const holder = told(await find(), 'archiver')
    return holder !== undefined && /it works/.test(holder.sentence) ? holder : undefined
  })
  t.match(slow.sentence, /it works, the last time \d+ s ago, but more slowly than the server writes$/)

  await test.stop('immediate')
  t.match(told(await find(), 'archiver')?.sentence, /it fails, with: archive command failed/, 'the log of a server that is down')
})

t.test('archive_mode without a command', async (t) => {
  const { test, find } = await survey(t, { archive_mode: 'on' })
  await test.psql('select pg_switch_wal()')
  await test.psql('select 1')
  const holder = await until(async () => told(await find(), 'archiver'))
  t.match(holder.sentence, /neither archive_command nor archive_library is set/)
})

t.test('a query that spills, and the table that grows', async (t) => {
  const { test, find, sample } = await survey(t)
  await sample()
  await test.psql(`create table big (t text); ${WRITES_80_MB}`)
  const spilling = hold(
    test,
    "begin; set work_mem = '64kB'; declare c cursor for select * from generate_series(1, 8000000) n order by n desc; fetch 1 from c;\n",
  )
  t.teardown(() => spilling.end())
  const holder = await until(async () => told(await find(), 'temporary-files'))
  t.match(
    holder.sentence,
    /^temporary files of queries hold \d+ MB, of which \d+ MB by process \d+ \(user postgres, database app, its query runs for \d+ s\)$/,
  )
  t.match(holder.commands, [{ text: /^select pg_cancel_backend\(\d+\)$/ }])
  const grown = (await find()).filter(({ kind }) => kind === 'growth').map(({ sentence }) => sentence)
  t.match(grown, [/^the database app grew by \d+ MB in \d+ s to \d+ MB$/, /table is big in app with \d+ MB$/])
})

t.test('files that nobody owns: of an open transaction, and left by a crash', async (t) => {
  const { test, find } = await survey(t)
  const filling = hold(test, `begin; create table unseen as select repeat(md5(n::text), 30) from generate_series(1, 80000) n;\n`)
  t.teardown(() => filling.end())
  const open = await until(async () => told(await find(), 'unowned-files'))
  t.match(open, { sentence: /^an open transaction is filling \d+ MB in database app \(base\/\d+\/\d+/, commands: [{ as: 'sql' }] })
  await until(async () => ((told(await find(), 'unowned-files')?.bytes ?? 0) > 75e6 ? true : undefined))
  await test.psql('checkpoint')
  await test.kill()
  await test.start()
  const left = await until(async () => told(await find(), 'unowned-files'))
  t.match(left, {
    sentence: /^files that no table owns, left by a crash, hold \d+ MB in database app \(base\/\d+\/\d+.*never touched$/,
    commands: [],
  })
})

t.test('logs, core files and the ballast', async (t) => {
  const { test, find } = await survey(t)
  const { logFile, dataDirectory } = test.cluster
  writeFileSync(`${logFile}.1`, Buffer.alloc(90 << 20, 'x'))
  writeFileSync(`${dataDirectory}/core.77`, Buffer.alloc(70 << 20, 'x'))
  writeFileSync(`${dataDirectory}/base/pgsql_tmp.pgwatchd-ballast-test`, Buffer.alloc(1 << 20, 'x'))
  const holders = await find()
  t.match(told(holders, 'server-log')?.sentence, /^the open server log .* holds \d+ kB, 1 earlier ones 90 MB$/)
  t.match(told(holders, 'core-files')?.sentence, /^1 core file in the data directory hold 70 MB$/)
  t.match(told(holders, 'ballast'), { commands: [{ text: `sudo -u postgres rm ${dataDirectory}/base/pgsql_tmp.pgwatchd-ballast-test` }] })
  t.match(told(holders, 'wal')?.sentence, /^pg_wal holds \d+ MB/)
})
