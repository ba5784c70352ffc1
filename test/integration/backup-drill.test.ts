import { mkdir, chown, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { BackupProvider, StoredBackup } from '../../src/jobs/backup/backup.ts'
import { createBackup } from '../../src/jobs/backup/create-backup.ts'
import { drillBackup } from '../../src/jobs/backup/drill-backup.ts'
import { logical } from '../../src/jobs/backup/providers/logical.ts'
import { physical } from '../../src/jobs/backup/providers/physical.ts'
import { listBackups } from '../../src/jobs/backup/store.ts'
import { verifyBackup } from '../../src/jobs/backup/verify-backup.ts'
import { makeBackupGround } from '../jobs/backup/real-ground.ts'
import { makeCluster } from '../support/cluster.ts'
import { ownerOf } from '../support/cluster-processes.ts'

const SIGNAL = new AbortController().signal

async function makeFilled(t: Parameters<typeof makeCluster>[0]) {
  const test = await makeCluster(t)
  await test.psql(
    "create table item (id int primary key, name text); insert into item select i, repeat('n' || i, 20) from generate_series(1, 5000) i",
  )
  await test.psql('create role reader; grant select on item to reader; analyze')
  return test
}

async function make(ground: Parameters<typeof createBackup>[0], provider: BackupProvider): Promise<StoredBackup> {
  const made = await createBackup(ground, provider, SIGNAL)
  if (!made.ok) throw new Error(made.why)
  return made.value
}

for (const provider of [logical, physical]) {
  t.test(`a ${provider.kind} backup is proved by reading and by restoring it`, async (t) => {
    const test = await makeFilled(t)
    const { ground } = await makeBackupGround(test)
    const backup = await make(ground, provider)
    t.match(await verifyBackup(ground, provider, backup, SIGNAL), { ok: true })
    const drilled = await drillBackup(ground, provider, backup, SIGNAL)
    t.match(drilled, { ok: true, value: { ok: true, detail: /pg_amcheck found nothing/ } })
    t.match((await listBackups(ground)).backups, [{ standing: { verified: { ok: true }, drilled: { ok: true } } }])
    t.strictSame(await readdir(ground.directory), [backup.manifest.id], 'nothing of the drill stays')
  })

  t.test(`a ${provider.kind} backup that is cut short, flipped, incomplete or foreign is refused with its reason`, async (t) => {
    const test = await makeFilled(t)
    const { ground } = await makeBackupGround(test)
    const { directory, manifest } = await make(ground, provider)
    const backup = (await listBackups(ground)).backups[0] as StoredBackup
    const victim = await findVictim(directory)
    const original = await readFile(victim)
    await truncate(victim, original.length - 10)
    t.match(await verifyBackup(ground, provider, backup, SIGNAL), { ok: false, code: 'damaged' }, 'cut short')
    await writeFile(
      victim,
      original.map((byte, at) => (at === Math.floor(original.length / 2) ? byte ^ 1 : byte)),
    )
    t.match(await verifyBackup(ground, provider, backup, SIGNAL), { ok: false, code: 'damaged' }, 'flipped')
    await rm(victim)
    t.match(await verifyBackup(ground, provider, backup, SIGNAL), { ok: false, code: 'damaged' }, 'missing')
    t.match((await listBackups(ground)).backups, [{ standing: { verified: { ok: false } } }], 'and it is remembered')
    await writeFile(
      join(directory, 'manifest.json'),
      JSON.stringify({ ...manifest, id: manifest.id.replace(/.$/, 'f').replace(/^..../, '2001') }),
    )
    t.match(await listBackups(ground), { backups: [], unusable: [{ why: /is that of 2001/ }] }, 'foreign')
  })
}

/** The largest file of the table's data. */
async function findVictim(directory: string): Promise<string> {
  const names = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const data = names.map((entry) => join(entry.parentPath, entry.name)).filter((path) => /\.dat\.gz$|base\/\d+\/\d+$/.test(path))
  const sized = await Promise.all(data.map(async (path) => ({ path, bytes: (await readFile(path)).length })))
  return sized.sort((one, other) => other.bytes - one.bytes)[0]?.path ?? ''
}

t.test('a tablespace is copied beside the data, and found by the restored cluster', async (t) => {
  const test = await makeFilled(t)
  const space = `${test.directory}/space`
  await mkdir(space)
  const owner = ownerOf('postgres')
  if (process.getuid?.() === 0) await chown(space, owner.uid, owner.gid)
  await test.psql(`create tablespace side location '${space}'`)
  await test.psql('create table far (id int) tablespace side; insert into far select generate_series(1, 100); analyze far')
  const { ground } = await makeBackupGround(test)
  const backup = await make(ground, physical)
  t.match(await verifyBackup(ground, physical, backup, SIGNAL), { ok: true })
  t.match(await drillBackup(ground, physical, backup, SIGNAL), { ok: true })
})
