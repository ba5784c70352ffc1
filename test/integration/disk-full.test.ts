import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { makeCluster } from '../support/cluster.ts'
import { fillUp, freeMegabytes, mountExt4 } from '../support/small-volume.ts'
import type { Watched } from '../support/watched.ts'
import { until, watch } from '../support/watched.ts'

t.setTimeout(600_000)

const skip = process.getuid?.() === 0 ? false : 'needs root to mount small volumes'
/** As configured by default, and what the issue asks for: noticed within one interval, served within ten seconds more. */
const INTERVAL_MS = 10_000
const SERVED_MS = 10_000
const GROWS = (rows: number): string => `insert into big select repeat(md5(n::text), 30) from generate_series(1, ${rows}) n`

const mailOf = ({ sink }: Watched, subject: RegExp) => until(() => sink.mails.find((mail) => subject.test(mail.subject)))
const startsOf = ({ daemon }: Watched): number => daemon.lines.filter(({ message }) => /step start-postgres began/.test(message)).length

t.test(
  'a slot that nobody reads fills the disk: the ballast is given up before the server fails, then a person is told',
  { skip },
  async (t) => {
    const volume = mountExt4(t, 400)
    const test = await makeCluster(t, { parent: volume, settings: { max_wal_size: '32MB', min_wal_size: '32MB' } })
    await test.psql("create table big (t text); select pg_create_physical_replication_slot('dead', true)")
    const watched = await watch(t, test, 'disk: { ballast: 64MB }')
    await watched.said(/laid a ballast/, 0)
    const postmaster = await test.postmasterPid()
    while (freeMegabytes(volume) > 60) await test.psql(`${GROWS(6000)}; truncate big; checkpoint`)
    fillUp(volume, 30)
    const shortMs = performance.now()
    const noticedMs = await watched.said(/mode-suspect/, shortMs)
    t.ok(noticedMs - shortMs <= INTERVAL_MS, `noticed after ${Math.round(noticedMs - shortMs)} ms`)
    await watched.said(/mode-healthy/, noticedMs)
    const servedMs = await watched.served(GROWS(2000), noticedMs)
    t.ok(servedMs <= SERVED_MS, `writes served ${Math.round(servedMs)} ms later`)
    t.notOk(existsSync(`${volume}/.pgwatchd-ballast-test`))
    const recovered = await mailOf(watched, /\[SUCCESS\]/)
    t.match(recovered.text, /the replication slot dead, which nobody reads, keeps \d+ MB/)

    fillUp(volume, 2, 'more')
    const alert = await mailOf(watched, /\[CRITICAL\].*no disk space left/)
    t.match(alert.text, /select pg_drop_replication_slot.*dead.*your decision/)
    t.equal(await test.psql('select count(*) > 0 from big'), 't', 'reads go on')
    t.equal(await test.postmasterPid(), postmaster, 'the server was never stopped')
    t.equal(startsOf(watched), 0)
    await test.psql("select pg_drop_replication_slot('dead')")
    rmSync(`${volume}/more`)
    await watched.said(/mode-healthy/, performance.now())
  },
)

t.test(
  'down on a full disk: with a ballast inside a mount point it serves again, without one nothing is started until there is room',
  { skip },
  async (t) => {
    const volume = mountExt4(t, 300)
    const parent = mkdtempSync('/tmp/pgwatchd-parent-')
    t.teardown(() => rmSync(parent, { recursive: true, force: true }))
    chmodSync(parent, 0o755)
    chmodSync(volume, 0o700)
    symlinkSync(volume, `${parent}/data`)
    const test = await makeCluster(t, { parent })
    await test.psql('create table big (t text)')
    const watched = await watch(t, test, 'disk: { ballast: 64MB }')
    await watched.said(/laid a ballast/, 0)
    t.same(
      readdirSync(`${test.cluster.dataDirectory}/base`).filter((name) => name.includes('ballast')),
      ['pgsql_tmp.pgwatchd-ballast-test'],
    )
    process.kill(watched.daemon.pid, 'SIGSTOP')
    fillUp(test.cluster.dataDirectory, 0)
    await test.kill()
    const downMs = performance.now()
    process.kill(watched.daemon.pid, 'SIGCONT')
    const servedMs = await watched.served(GROWS(100), downMs)
    t.ok(servedMs <= INTERVAL_MS + SERVED_MS, `served after ${Math.round(servedMs)} ms`)
    await watched.said(/mode-healthy/, downMs)
    const starts = startsOf(watched)

    process.kill(watched.daemon.pid, 'SIGSTOP')
    fillUp(test.cluster.dataDirectory, 0, 'more')
    await test.kill()
    process.kill(watched.daemon.pid, 'SIGCONT')
    t.match((await mailOf(watched, /\[CRITICAL\].*no disk space left/)).text, /pg_wal holds \d+ MB/)
    await sleep(8_000)
    t.equal(startsOf(watched), starts, 'no start loop')
    rmSync(`${test.cluster.dataDirectory}/more`)
    const afterRoomMs = await watched.served(GROWS(100), performance.now())
    t.ok(afterRoomMs <= SERVED_MS, `served ${Math.round(afterRoomMs)} ms after there was room`)
  },
)

t.test('pg_wal and a tablespace on file systems of their own, each with its ballast', { skip }, async (t) => {
  const [data, wal, fast] = [mountExt4(t, 400), mountExt4(t, 700), mountExt4(t, 150)]
  const test = await makeCluster(t, { parent: data, initdb: ['-X', `${wal}/15`], settings: { max_wal_size: '64MB', min_wal_size: '32MB' } })
  await test.psql(`create tablespace fast location '${fast}'`)
  await test.psql('create table big (t text) tablespace fast')
  const watched = await watch(t, test, 'disk: { ballast: 64MB, wal_ballast: 96MB, tablespace_ballast: 32MB }')
  const ballasts = [`${data}/.pgwatchd-ballast-test`, `${wal}/.pgwatchd-ballast-test`, `${fast}/pgsql_tmp.pgwatchd-ballast-test`]
  await until(() => ballasts.every((path) => existsSync(path)) || undefined)
  const postmaster = await test.postmasterPid()

  const refused = await test.psql(GROWS(400_000)).catch((error: unknown) => String(error))
  t.match(refused, /could not extend file "pg_tblspc.*No space left on device/)
  const refusedMs = performance.now()
  const noticedMs = await watched.said(/mode-suspect|step-done.*release|removed the ballast/, refusedMs - 5_000)
  t.ok(noticedMs - refusedMs <= INTERVAL_MS, `noticed after ${Math.round(noticedMs - refusedMs)} ms`)
  await until(() => !existsSync(ballasts[2] ?? '') || undefined)
  t.ok(existsSync(ballasts[0] ?? '') && existsSync(ballasts[1] ?? ''), 'the others stay')
  const servedMs = await watched.served('create table other (t text) tablespace fast', noticedMs)
  t.ok(servedMs <= SERVED_MS, `served ${Math.round(servedMs)} ms later`)
  await watched.said(/mode-healthy/, noticedMs)

  fillUp(wal, 30)
  const shortMs = performance.now()
  await until(() => !existsSync(ballasts[1] ?? '') || undefined)
  t.ok(performance.now() - shortMs <= INTERVAL_MS + SERVED_MS, `the ballast of pg_wal after ${Math.round(performance.now() - shortMs)} ms`)
  t.ok(existsSync(ballasts[0] ?? ''))
  t.equal(await test.postmasterPid(), postmaster)
})
