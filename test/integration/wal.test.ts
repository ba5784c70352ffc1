import { spawn } from 'node:child_process'
import { open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import t from 'tap'
import type { Test as Tap } from 'tap'
import { parseControlFile } from '../../src/core/postgres/control-file.ts'
import { parseLsn } from '../../src/core/postgres/lsn.ts'
import { walFileName } from '../../src/core/postgres/wal-file.ts'
import type { WalVerdict } from '../../src/recovery/wal/check-wal.ts'
import { checkWal } from '../../src/recovery/wal/check-wal.ts'
import type { StepContext } from '../../src/recovery/step.ts'
import { makeGround } from '../recovery/real-ground.ts'
import type { RealGround } from '../recovery/real-ground.ts'
import { BINARY_DIRECTORY, makeCluster } from '../support/cluster.ts'
import type { TestCluster } from '../support/cluster.ts'

t.setTimeout(600_000)

const SEGMENT_BYTES = 16 << 20
/** Crashes under load in one run: enough to see a rule that is wrong; `PGWATCHD_CRASHES` asks for more. */
const CRASHES = Number(process.env['PGWATCHD_CRASHES'] ?? 6)

interface Laboratory extends RealGround {
  readonly test: TestCluster
  /** Reads the WAL as a recovery would before its start; `flushedLsn` is what the running server had said. */
  check(flushedLsn?: string): Promise<WalVerdict>
}

async function makeLaboratory(t: Tap, settings: Readonly<Record<string, string | number>> = {}): Promise<Laboratory> {
  const test = await makeCluster(t, { settings: { max_connections: 30, ...settings } })
  const real = await makeGround(test)
  const context: StepContext = { ...real.ground, recall: () => undefined, note: async () => undefined }
  const check = async (flushedLsn?: string): Promise<WalVerdict> =>
    checkWal(flushedLsn === undefined ? context : { ...context, flushedLsn }, await readControl(test), new AbortController().signal)
  await test.runAsOwner(`${BINARY_DIRECTORY}/pgbench`, [...bankOf(test), '-i', '-s', '1', '-q', 'app'])
  return { ...real, test, check }
}

function bankOf({ cluster }: TestCluster): string[] {
  return ['-h', cluster.socketDirectory, '-p', String(cluster.port), '-U', 'postgres']
}

async function readControl({ cluster }: TestCluster) {
  const reading = parseControlFile(await readFile(`${cluster.dataDirectory}/global/pg_control`))
  if (!reading.ok) throw new Error(reading.why)
  return reading.controlFile
}

/** Clients that pay and are paid until the server is gone. */
function underLoad(test: TestCluster): Promise<void> {
  const owner = ['--reuid=postgres', '--regid=postgres', '--init-groups', '--']
  const bench = spawn('setpriv', [...owner, `${BINARY_DIRECTORY}/pgbench`, ...bankOf(test), '-n', '-c', '6', '-T', '60', 'app'], {
    stdio: 'ignore',
  })
  return new Promise((resolve) => bench.once('exit', () => resolve()))
}

/** Writes and commits beside the load until this much WAL is on disk since `fromLsn`. */
async function writeUntil(test: TestCluster, fromLsn: string, bytes: number): Promise<void> {
  const some = 'insert into pgbench_history select 1, 1, 1, 1, now(), null from generate_series(1, 300)'
  await test.psql(
    `do $$ begin while pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '${fromLsn}') < ${bytes} loop ${some}; commit; end loop; end $$`,
  )
}

const current = (test: TestCluster): Promise<string> => test.psql('select pg_current_wal_flush_lsn()')

/** Crashes a loaded server once it has written about `bytes`; returns the position that it had told last. */
async function crashAfter(test: TestCluster, bytes: number): Promise<string> {
  const load = underLoad(test)
  await writeUntil(test, await current(test), bytes)
  const told = await current(test)
  await test.kill()
  await load
  return told
}

/** The file that holds a position, and the offset there. */
function placeOf(test: TestCluster, lsn: bigint): { readonly path: string; readonly offset: number } {
  return { path: `${test.cluster.dataDirectory}/pg_wal/${walFileName(1, lsn, SEGMENT_BYTES)}`, offset: Number(lsn % BigInt(SEGMENT_BYTES)) }
}

async function overwrite(path: string, offset: number, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'r+')
  await file.write(bytes, 0, bytes.length, offset)
}

/** The memory of the dead server goes with the kernel. */
async function forgetKernel(test: TestCluster): Promise<void> {
  const path = `${test.cluster.dataDirectory}/postmaster.pid`
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replace(/^ +\d+ +\d+ *$/m, '  4294967   4294967'))
}

t.test(`${CRASHES} crashes under load raise no alarm`, async (t) => {
  const { test, check } = await makeLaboratory(t, { max_wal_size: '48MB', min_wal_size: '32MB', checkpoint_timeout: '30s' })
  for (let crash = 0; crash < CRASHES; crash += 1) {
    const told = await crashAfter(test, 1_000_000 * (1 + (crash % 4) * 6))
    t.strictSame(await check(told), { status: 'whole', remark: '' }, `crash ${crash}`)
    await test.start()
  }
})

t.test('what is normal at the end of WAL raises no alarm', async (t) => {
  const { test, check } = await makeLaboratory(t, { wal_level: 'logical' })
  const ends: Readonly<Record<string, string>> = {
    'a switch of files': 'select pg_switch_wal()',
    'a record of many pages': `select pg_logical_emit_message(true, 'test', repeat('x', 3000000))`,
    'a checkpoint': 'checkpoint',
    'recycled files': `select pg_switch_wal(); checkpoint; select pg_switch_wal(); checkpoint; update pgbench_branches set bbalance = 1`,
  }
  for (const [name, statements] of Object.entries(ends)) {
    for (const statement of statements.split('; ')) await test.psql(statement)
    const told = await current(test)
    await test.kill()
    t.strictSame(await check(told), { status: 'whole', remark: '' }, name)
    await test.start()
  }
})

t.test('damage before the end is seen, wherever it lies and whatever it is', async (t) => {
  const { test, check } = await makeLaboratory(t)
  await test.psql('checkpoint')
  const told = await crashAfter(test, 40_000_000)
  const redo = parseLsn((await readControl(test)).redoLsn) ?? 0n
  const written = Number((parseLsn(told) ?? 0n) - redo)
  const ways: Readonly<Record<string, (path: string, offset: number) => Promise<void>>> = {
    'a flipped byte': async (path, offset) => overwrite(path, offset, Uint8Array.of(0xff ^ ((await readFile(path))[offset] ?? 0))),
    'a page of zeros': (path, offset) => overwrite(path, offset - (offset % 8192), new Uint8Array(8192)),
    'a page of something else': (path, offset) => overwrite(path, offset - (offset % 8192), new Uint8Array(8192).fill(0x5a)),
    'a megabyte of zeros': (path, offset) => overwrite(path, offset - (offset % 1048576), new Uint8Array(1048576)),
    'a file of zeros': (path) => overwrite(path, 0, new Uint8Array(SEGMENT_BYTES)),
    'a missing file': (path) => rm(path),
  }
  for (const told of [undefined, 'told'] as const) {
    for (const [index, [name, damage]] of Object.entries(ways).entries()) {
      const { path, offset } = placeOf(test, redo + BigInt(Math.round(written * (0.1 + index * 0.07))))
      const before = await readFile(path)
      await damage(path, offset)
      const verdict = await check(told && (await toldBy(test, redo, written)))
      t.match(verdict, { status: 'damaged', damage: { behind: /./ } }, `${name}: ${JSON.stringify(verdict)}`)
      await writeFile(path, before)
    }
  }
  t.strictSame(await check(told), { status: 'whole', remark: '' })
})

async function toldBy(_: TestCluster, redo: bigint, written: number): Promise<string> {
  const lsn = redo + BigInt(written)
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`
}

t.test('the last file alone tells only with what the server had said', async (t) => {
  const { test, check } = await makeLaboratory(t)
  await test.psql('select pg_switch_wal()')
  await test.psql('checkpoint')
  const told = await crashAfter(test, 2_000_000)
  const redo = parseLsn((await readControl(test)).redoLsn) ?? 0n
  const { path, offset } = placeOf(test, redo + 1_000_000n)
  const before = await readFile(path)
  await overwrite(path, offset - (offset % 8192), before.subarray(0, SEGMENT_BYTES - offset).fill(0))
  t.strictSame(await check(), { status: 'whole', remark: '' }, 'nothing is left that could tell')
  t.match(await check(told), { status: 'damaged', damage: { behind: /the server had said that its WAL was on disk/ } })
})

t.test('what a power cut leaves in the last file is no damage, neither then nor after the recovery from it', async (t) => {
  const { test, check } = await makeLaboratory(t, { fsync: 'on', synchronous_commit: 'off' })
  await test.psql('select pg_switch_wal()')
  await test.psql('checkpoint')
  await crashAfter(test, 3_000_000)
  const redo = parseLsn((await readControl(test)).redoLsn) ?? 0n
  const { path, offset } = placeOf(test, redo + 1_000_000n)
  await overwrite(path, offset - (offset % 8192), new Uint8Array(8192))
  t.match(await check(), { status: 'damaged', damage: { behind: /commits/ } }, 'the kernel still runs: it was on disk')
  await forgetKernel(test)
  t.match(await check(), { status: 'whole', remark: /restarted/ })
  await test.start()
  await test.psql('update pgbench_branches set bbalance = 1')
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  await test.psql('update pgbench_branches set bbalance = 2')
  await test.kill()
  t.match(await check(), { status: 'whole', remark: /earlier recovery/ }, 'pages behind the hole stay until they are overwritten')
})

t.test('after a promotion the WAL of two timelines is left to the server', async (t) => {
  const { test, check } = await makeLaboratory(t)
  await test.stop()
  await writeFile(`${test.cluster.dataDirectory}/standby.signal`, '')
  await test.start()
  await test.psql('select pg_promote()')
  await crashAfter(test, 500_000)
  const control = await readControl(test)
  if (control.minRecoveryTimeline > control.timeline) t.match(await check(), { status: 'unchecked', why: /timeline/ })
  else t.match(await check(), { status: 'whole' })
})

t.test('a server with damaged WAL is not started; copies are kept, and the whole file lets it start', async (t) => {
  const { test, recover, ground, told } = await makeLaboratory(t)
  await test.psql('checkpoint')
  const before = await test.psql('select count(*) from pgbench_history')
  await crashAfter(test, 36_000_000)
  const redo = parseLsn((await readControl(test)).redoLsn) ?? 0n
  const { path, offset } = placeOf(test, redo + 18_000_000n)
  const whole = `${test.directory}/whole`
  await writeFile(whole, await readFile(path))
  await overwrite(path, offset, new Uint8Array(64))
  const outcome = await recover()
  t.match(
    outcome,
    { status: 'held', step: 'check-data-files', keepsHold: true, why: /the WAL is damaged in 0000000100000000000000/ },
    told.join('\n'),
  )
  const kept = await readdir(`${ground.incidentDirectory}/wal`)
  t.ok(kept.includes('pg_control') && kept.length > 2, kept.join(' '))
  await rename(whole, path)
  await test.runAsOwner('chmod', ['600', path]).catch(() => undefined)
  t.match(await recover(), { status: 'succeeded', notDone: [] }, told.join('\n'))
  t.ok(Number(await test.psql('select count(*) from pgbench_history')) > Number(before))
})
