import { readdir } from 'node:fs/promises'
import t from 'tap'
import { createBackup } from '../../src/jobs/backup/create-backup.ts'
import { logical } from '../../src/jobs/backup/providers/logical.ts'
import { findBackup, listBackups } from '../../src/jobs/backup/store.ts'
import { makeBackupGround } from '../jobs/backup/real-ground.ts'
import { makeCluster } from '../support/cluster.ts'

const SIGNAL = new AbortController().signal

t.test('a logical backup holds every database, is described by a manifest, and is found again', async (t) => {
  const test = await makeCluster(t)
  await test.psql(
    "create table public.item (id int primary key, name text); insert into public.item select i, 'n' || i from generate_series(1, 1000) i",
  )
  await test.psql(`create database "we'ird = name"`, { database: 'postgres' })
  const { ground } = await makeBackupGround(test)
  const made = await createBackup(ground, logical, SIGNAL)
  t.match(made, { ok: true, value: { manifest: { kind: 'logical', cluster: 'test', base: null, serverVersion: /^15/ } } })
  if (!made.ok) return
  const { manifest } = made.value
  t.match(
    manifest.contents.find(({ name }) => name === 'app'),
    { tables: 1, rows: { 'public.item': 1000 }, rowsAre: 'exact' },
  )
  t.ok(manifest.contents.some(({ name }) => name === "we'ird = name"))
  t.ok(manifest.files.some(({ path }) => path === 'roles.sql'))
  t.ok(manifest.files.every(({ sha256, sizeBytes }) => sha256.length === 64 && sizeBytes > 0))
  t.match((await listBackups(ground)).backups, [{ manifest: { id: manifest.id } }])
  t.match(await findBackup(ground, 'last'), { ok: true, value: { manifest: { id: manifest.id } } })
})

t.test('what fails leaves nothing that looks like a backup', async (t) => {
  const test = await makeCluster(t)
  const { ground } = await makeBackupGround(test)
  await test.stop()
  t.match(await createBackup(ground, logical, SIGNAL), { ok: false, code: 'server' })
  await test.start()
  await test.psql('create table public.item (id int)')
  const aborted = new AbortController()
  const provider = {
    ...logical,
    create: async (...given: Parameters<typeof logical.create>) => (aborted.abort(), logical.create(...given)),
  }
  t.match(await createBackup(ground, provider, aborted.signal), { ok: false })
  t.strictSame(await readdir(ground.directory), [])
})
