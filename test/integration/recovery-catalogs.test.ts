import { readdir, rename } from 'node:fs/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { Damage } from '../../src/core/facts.ts'
import type { Journal } from '../../src/recovery/pipeline.ts'
import { CRASHED } from '../recovery/crashed.ts'
import { makeGround } from '../recovery/real-ground.ts'
import { SETTINGS } from '../recovery/settings.ts'
import { becomeOwner } from '../support/become-owner.ts'
import { BINARY_DIRECTORY, makeCluster } from '../support/cluster.ts'
import type { TestCluster } from '../support/cluster.ts'
import { badBlocks, hurtPage } from '../support/page-damage.ts'

t.setTimeout(300_000)
becomeOwner()

const ASSESSMENT = { ...CRASHED, cause: 'damaged' as const, plan: 'repair-online' as const }
const ON_PAGE = (relationPath: string, block: number): Damage => ({
  kind: 'page',
  relationPath,
  block,
  message: `invalid page in block ${block} of relation ${relationPath}`,
})
const MISSING = (relationPath: string): Damage => ({
  kind: 'missing-file',
  relationPath,
  block: -1,
  message: `could not open file "${relationPath}": No such file or directory`,
})

async function makeDatabase(t: Test): Promise<TestCluster> {
  const test = await makeCluster(t, { settings: { wal_keep_size: '256MB' } })
  await test.psql('create table t (id int primary key, name text default $$x$$); create index on t (name)')
  await test.psql(`insert into t select g, 'row ' || g from generate_series(1, 5000) g`)
  for (let n = 0; n < 40; n += 1) await test.psql(`create table many_${n} (a int primary key, b text, c date)`)
  return test
}

/** Everything that the database is: definitions and contents. */
async function dump(test: TestCluster): Promise<string> {
  const session = ['-h', test.cluster.socketDirectory, '-p', String(test.cluster.port), '-U', 'postgres']
  const { stdout } = await test.runAsOwner(`${BINARY_DIRECTORY}/pg_dump`, [...session, 'app'])
  return stdout.replaceAll(/^\\(un)?restrict .*$/gm, '')
}

async function checkWhole(t: Test, test: TestCluster, before: string): Promise<void> {
  t.ok((await dump(test)) === before, 'the dump is the same')
  for (let login = 0; login < 3; login += 1) t.equal(await test.psql('select 1', { user: 'app' }), '1', 'everybody can log in')
  await test.stop()
  const { stdout } = await test.runAsOwner(`${BINARY_DIRECTORY}/pg_checksums`, ['--check', '-D', test.cluster.dataDirectory])
  t.match(stdout, /Bad checksums: +0/)
}

/** Damages a file of the stopped server and starts it again. */
async function whileStopped(test: TestCluster, damage: () => Promise<void>): Promise<void> {
  await test.stop()
  await damage()
  await test.start()
}

for (const replayWal of [false, true]) {
  const way = replayWal ? 'made anew from the WAL' : 'rewritten in single-user mode'
  t.test(`damaged pages of pg_class and pg_database, which no login passes, are ${way}, and nothing is lost`, async (t) => {
    const test = await makeDatabase(t)
    const before = await dump(test)
    const { recover, told, ground } = await makeGround(test)
    const [own, shared] = [await test.psql(`select pg_relation_filepath('pg_class')`), 'global/1262']
    const block = Number(await test.psql(`select (ctid::text::point)[0] from pg_class where relname = 'pg_class'`))
    await whileStopped(test, async () => {
      await hurtPage(test, own, block, 'text')
      await hurtPage(test, shared, 0, 'text')
    })
    await t.rejects(test.psql('select 1'), /invalid page/)
    const settings = { ...SETTINGS, repair: { ...SETTINGS.repair, replayWal } }
    const damages = [ON_PAGE(own, block), ON_PAGE(shared, 0)]
    const outcome = await recover({ plan: 'repair-online', ground: { damages, assessment: ASSESSMENT, settings } })
    t.match(outcome, { status: 'succeeded', notDone: [] }, told.join('\n'))
    t.match(
      outcome.done.join('\n'),
      replayWal ? /wrote 1 pages of global\/1262 anew from whole copies, nothing lost/ : /wrote pg_database and its indexes anew/,
    )
    if (replayWal) t.same([await badBlocks(test, own), await badBlocks(test, shared)], [[], []])
    else t.ok((await readdir(`${ground.incidentDirectory}/catalog`)).includes('global_1262'), 'the file from before is kept')
    await checkWhole(t, test, before)
  })
}

t.test('a shared catalog index that is missing is built anew', async (t) => {
  const test = await makeDatabase(t)
  const before = await dump(test)
  const { recover, told } = await makeGround(test)
  const { dataDirectory } = test.cluster
  await whileStopped(test, () => rename(`${dataDirectory}/global/2671`, `${test.directory}/2671`))
  await test.psql('select 1').catch(() => undefined)
  await t.rejects(test.psql('select 1'), /could not open file "global\/2671"/)
  const outcome = await recover({ plan: 'repair-online', ground: { damages: [MISSING('global/2671')], assessment: ASSESSMENT } })
  t.match(outcome, { status: 'succeeded', notDone: [] }, told.join('\n'))
  t.match(outcome.done.join('\n'), /built the indexes of pg_database anew/)
  await checkWhole(t, test, before)
})

t.test('a pgwatchd that was killed with the server down brings it back, and mends it then', async (t) => {
  const test = await makeDatabase(t)
  const before = await dump(test)
  const { recover, told, ground } = await makeGround(test)
  await test.stop()
  await rename(`${test.cluster.dataDirectory}/global/2676`, `${test.directory}/2676`)
  await ground.outside.service.hold()
  const began = { status: 'began' as const, wallMs: 1, detail: '' }
  const journal: Journal = {
    version: 1,
    incidentId: 'incident',
    attempt: 1,
    plan: 'repair-online',
    resumptions: 0,
    status: 'open',
    startedWallMs: 1,
    assessment: ASSESSMENT,
    damages: [MISSING('global/2676')],
    steps: [
      { name: 'capture-evidence', ...began, status: 'done', data: { folder: 'evidence' } },
      { name: 'repair-damage', ...began, data: { down: true, downs: 1 } },
    ],
  }
  const outcome = await recover({ plan: 'repair-online', resumeFrom: journal })
  t.match(outcome, { status: 'succeeded', notDone: [] }, told.join('\n'))
  await checkWhole(t, test, before)
})

t.test('where stopping for catalogs is not allowed, the server goes on and a person is told', async (t) => {
  const test = await makeDatabase(t)
  const { recover } = await makeGround(test)
  await whileStopped(test, () => rename(`${test.cluster.dataDirectory}/global/2676`, `${test.directory}/2676`))
  await test.psql('select 1').catch(() => undefined)
  const pid = await test.postmasterPid()
  const settings = { ...SETTINGS, repair: { ...SETTINGS.repair, stopForCatalogs: false } }
  const outcome = await recover({ plan: 'repair-online', ground: { damages: [MISSING('global/2676')], assessment: ASSESSMENT, settings } })
  t.match(outcome, { status: 'held', why: /58P01/ })
  t.equal(await test.postmasterPid(), pid)
})

t.test('catalogs that logins get past are mended while the server runs: by redo, or built anew', async (t) => {
  const test = await makeDatabase(t)
  const before = await dump(test)
  const { recover, told, ground } = await makeGround(test)
  const [attributes, procedures, index] = (
    await test.psql(`select pg_relation_filepath(n::regclass) from unnest('{pg_attrdef,pg_proc,pg_proc_proname_args_nsp_index}'::text[]) n`)
  ).split('\n')
  if (attributes === undefined || procedures === undefined || index === undefined) throw new Error('a catalog has no file')
  const block = Number(
    await test.psql(`select (ctid::text::point)[0] from pg_proc where proname = 'btbeginscan' or proname = 'bpcharout' limit 1`),
  )
  await whileStopped(test, async () => {
    await hurtPage(test, attributes, 0, 'everything')
    await hurtPage(test, procedures, block, 'text')
    await hurtPage(test, index, 1, 'everything')
  })
  const pid = await test.postmasterPid()
  const settings = { ...SETTINGS, repair: { ...SETTINGS.repair, replayWal: true } }
  const redone = await recover({ plan: 'repair-online', ground: { damages: [ON_PAGE(attributes, 0)], assessment: ASSESSMENT, settings } })
  t.match(redone, { status: 'succeeded', notDone: [] }, told.join('\n'))
  t.match(redone.done.join('\n'), /wrote 1 pages of pg_catalog.pg_attrdef anew by the WAL/)
  const rebuilt = await recover({
    plan: 'repair-online',
    ground: { damages: [ON_PAGE(procedures, block), ON_PAGE(index, 1)], assessment: ASSESSMENT },
  })
  t.match(rebuilt, { status: 'succeeded', notDone: [] }, told.join('\n'))
  t.match(rebuilt.done.join('\n'), /built pg_catalog.pg_proc in app anew/)
  t.equal(await test.postmasterPid(), pid, 'the server was not stopped')
  t.ok((await readdir(`${ground.incidentDirectory}/catalog`)).length > 1)
  await checkWhole(t, test, before)
})
