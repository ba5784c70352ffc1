import { chmod, mkdir, readFile, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import t from 'tap'
import type { Test as Tap } from 'tap'
import { findHindrances } from '../../src/recovery/hindrances/index.ts'
import { runUndo } from '../../src/recovery/changes/run-undo.ts'
import { makeGround } from '../recovery/real-ground.ts'
import type { RealGround } from '../recovery/real-ground.ts'
import { becomeOwner } from '../support/become-owner.ts'
import { makeCluster } from '../support/cluster.ts'
import type { ClusterOptions, TestCluster } from '../support/cluster.ts'

t.setTimeout(300_000)

/** What is mended has to belong to the server's own user, as whom the daemon runs. */
becomeOwner()

interface Patient extends RealGround {
  readonly test: TestCluster
  readonly data: string
}

/** A server that crashed with a table of 1,000 rows. */
async function makePatient(t: Tap, options: ClusterOptions = {}): Promise<Patient> {
  const test = await makeCluster(t, options)
  const real = await makeGround(test)
  await test.psql('create table t as select generate_series(1, 1000) as id')
  await test.kill()
  return { ...real, test, data: test.cluster.dataDirectory }
}

async function expectServing(t: Tap, { test, recover, told }: Patient, did: RegExp): Promise<void> {
  const outcome = await recover()
  t.match(outcome, { status: 'succeeded', notUndone: [] }, told.join('\n'))
  t.match(outcome.done.join('\n'), did)
  t.equal(await test.psql('select count(*) from t'), '1000')
}

async function expectHeld(t: Tap, { recover, told }: Patient, why: RegExp): Promise<void> {
  t.match(await recover(), { status: 'held', step: 'check-data-files', why, notUndone: [] }, told.join('\n'))
}

async function undo({ ground }: Patient) {
  const { cluster, outside, incidentDirectory } = ground
  return runUndo({ cluster, outside, incidentDirectory, nothingRuns: () => true }, { planOnly: false }, new AbortController().signal)
}

t.test('permissions that PostgreSQL refuses are set right, and back by an undo', async (t) => {
  const patient = await makePatient(t)
  await chmod(patient.data, 0o775)
  await expectServing(t, patient, /permissions of .* from 775 to 700/)
  t.equal((await stat(patient.data)).mode & 0o777, 0o700)
  t.match(await undo(patient), [{ outcome: 'undone' }])
  t.equal((await stat(patient.data)).mode & 0o777, 0o775)
})

t.test('directories that a copy left out because they were empty are made anew', async (t) => {
  const patient = await makePatient(t)
  const names = ['pg_notify', 'pg_replslot', 'pg_commit_ts', 'pg_twophase', 'pg_subtrans', 'pg_logical/snapshots', 'pg_logical/mappings']
  for (const name of names) await rm(`${patient.data}/${name}`, { recursive: true })
  await expectServing(t, patient, /made the missing directory .*pg_notify/)
  for (const name of names) t.equal((await stat(`${patient.data}/${name}`)).mode & 0o777, 0o700, name)
  await patient.test.stop()
})

t.test('a directory that may have held something is not made anew', async (t) => {
  const patient = await makePatient(t, { settings: { max_prepared_transactions: 5 } })
  await rm(`${patient.data}/pg_twophase`, { recursive: true })
  await expectHeld(t, patient, /pg_twophase is missing.*prepared transactions/)
  const data = await makePatient(t)
  await rename(`${data.data}/pg_xact`, `${data.test.directory}/taken`)
  await rm(`${data.data}/pg_notify`, { recursive: true })
  await expectHeld(t, data, /pg_xact is missing/)
  await t.rejects(stat(`${data.data}/pg_notify`), { code: 'ENOENT' }, 'where more is gone nothing is made')
})

t.test('a version file is written where everything agrees on it, and what was in its place is kept', async (t) => {
  const patient = await makePatient(t)
  const [database] = (await readdir(`${patient.data}/base`)).filter((name) => Number(name) > 16_000)
  await writeFile(`${patient.data}/PG_VERSION`, 'garbage')
  await rm(`${patient.data}/base/${database}/PG_VERSION`)
  await expectServing(t, patient, /wrote 15 into .*PG_VERSION/)
  t.equal(await readFile(`${patient.data}/base/${database}/PG_VERSION`, 'utf8'), '15\n')
  await patient.test.stop()
  await undo(patient)
  t.equal(await readFile(`${patient.data}/PG_VERSION`, 'utf8'), 'garbage', 'as it was before')
  const upgraded = await makePatient(t)
  await writeFile(`${upgraded.data}/PG_VERSION`, '14\n')
  await expectHeld(t, upgraded, /PG_VERSION says 14/)
})

t.test('what only a person can decide is explained, and nothing is touched', async (t) => {
  const slot = await makePatient(t)
  await slot.test.start()
  await slot.test.psql(`select pg_create_physical_replication_slot('s1', true)`)
  await slot.test.kill()
  const state = `${slot.data}/pg_replslot/s1/state`
  t.strictSame(await findHindrances({ ...slot.ground, incidentDirectory: undefined }), [], 'a whole state is accepted')
  await writeFile(state, Buffer.from(await readFile(state)).fill(0x5a, 40, 44))
  await expectHeld(t, slot, /state of the replication slot s1 is damaged/)
  await writeFile(state, '')
  await expectHeld(t, slot, /state of the replication slot s1 is damaged/)

  const control = await makePatient(t)
  await rm(`${control.data}/global/pg_control`)
  await expectHeld(t, control, /pg_control is missing/)

  const unmounted = await makePatient(t)
  await rename(unmounted.data, `${unmounted.test.directory}/elsewhere`)
  await mkdir(unmounted.data, { mode: 0o700 })
  await expectHeld(t, unmounted, /is empty: its volume is not mounted/)
  t.strictSame(await readdir(unmounted.data), [])
})

t.test('the recovery of a crash waits for the volume of a tablespace', async (t) => {
  const test = await makeCluster(t)
  const real = await makeGround(test)
  const volume = `${test.directory}/volume`
  await mkdir(volume)
  await test.psql(`create tablespace fast location '${volume}'`)
  await test.psql('create table t tablespace fast as select generate_series(1, 1000) as id')
  await test.kill()
  const patient: Patient = { ...real, test, data: test.cluster.dataDirectory }
  await rename(volume, `${test.directory}/away`)
  await mkdir(volume)
  await expectHeld(t, patient, /tablespace \d+ is not where .* leads: its volume is not mounted/)
  await rm(volume, { recursive: true })
  await symlink(`${test.directory}/away`, volume)
  await expectServing(t, patient, /./)
})

t.test('a start that fails for its access rules tells the file and the line, in the words of the server', async (t) => {
  const patient = await makePatient(t)
  await writeFile(`${patient.data}/pg_hba.conf`, '# rules\nlocal all all nonsense\n')
  const outcome = await patient.recover()
  t.match(outcome, { status: 'held', step: 'start-postgres', why: /pg_hba.conf:2: invalid authentication method "nonsense"/ })
})
