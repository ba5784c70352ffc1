import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { readJournal } from './support/journal.ts'
import { isServing, waitUntilServing } from './support/service-clock.ts'
import { waitFor } from './support/wait.ts'
import { startWatchedHost } from './support/watched-host.ts'

const VOLUME = '/var/lib/postgresql'
const FILLER = `${VOLUME}/filler`
const SERVING_AFTER_SPACE_MS = 10_000
const BALLAST_BYTES = 64 * 1024 * 1024
const DAMAGED_BLOCK = 3

t.setTimeout(900_000)

const host = await startWatchedHost(t, ['recovery:', '  attempts: 20', '  cooldown: 1s'])
await host.sql('create table growing (t text)', 'app')

t.test('a volume that is full, until a person makes room', async (t) => {
  const mailsBefore = host.inbox.mails.length
  const filledAtMs = Date.now()
  await fillVolume()
  await makeWalGrow()
  await waitFor('the server to give up', 20_000, async () => !(await isServing(host)) || undefined)
  await host.inbox.waitForMail(/disk|space|full|room/i, 60_000, mailsBefore)
  await sleep(30_000)
  const starts = (await readJournal(host, filledAtMs)).filter(
    (entry) => entry.event === 'step-began' && entry.fields['step'] === 'start-postgres',
  )
  t.ok(starts.length <= 1, `no restart loop: ${String(starts.length)} starts in half a minute`)
  await host.exec(['rm', FILLER])
  const roomAtMs = Date.now()
  await waitUntilServing(host, 60_000)
  const servedAfterMs = Date.now() - roomAtMs
  t.ok(servedAfterMs <= SERVING_AFTER_SPACE_MS, `serving ${String(servedAfterMs)} ms after there was room`)
  await host.waitUntilHealthy()
  t.equal(await host.sql('select count(*) from growing', 'app'), '0', 'nothing that was not acknowledged')
})

t.test('a volume that is full, with a ballast', async (t) => {
  await host.configure([
    'recovery:',
    '  attempts: 20',
    '  cooldown: 1s',
    '  disk:',
    `    ballast: ${String(BALLAST_BYTES / 1024 / 1024)}MB`,
  ])
  await host.exec(['systemctl', 'restart', 'pgwatchd'])
  await host.waitUntilHealthy()
  const ballast = await waitFor('the ballast', 60_000, async () => (await findBallast()) || undefined)
  // While it looks on, it gives the ballast up before the server goes down.
  await host.exec(['systemctl', 'stop', 'pgwatchd'])
  await fillVolume()
  await makeWalGrow()
  // Its crash may have given the server a few blocks back, and a start needs only one.
  await fillVolume()
  await host.exec(['systemctl', 'kill', '-s', 'KILL', host.unit])
  await host.exec(['systemctl', 'start', 'pgwatchd'])
  await waitUntilServing(host, 60_000)
  t.equal((await host.exec(['test', '-e', ballast], { anyExit: true })).exitCode, 1, 'the ballast was given up')
  await host.exec(['rm', FILLER])
  await host.waitUntilHealthy()
})

t.test('one damaged page of a table, with checksums', async (t) => {
  const mailsBefore = host.inbox.mails.length
  await host.sql(`create table precious (id int primary key, text text)`, 'app')
  await host.sql(`insert into precious select n, 'row ' || n from generate_series(1, 20000) n`, 'app')
  const doomed = Number(
    await host.sql(
      `select count(*) from precious where ctid >= '(${String(DAMAGED_BLOCK)},0)' and ctid < '(${String(DAMAGED_BLOCK + 1)},0)'`,
      'app',
    ),
  )
  const path = await host.sql(`select pg_relation_filepath('precious')`, 'app')
  await host.exec(['pgwatchd', 'pause'])
  await host.exec(['systemctl', 'stop', host.unit])
  const offset = DAMAGED_BLOCK * 8192 + 4000
  await host.exec(['sh', '-c', `printf 'rotten' | dd of=${host.dataDirectory}/${path} bs=1 seek=${String(offset)} conv=notrunc`])
  await host.exec(['systemctl', 'start', host.unit])
  await host.exec(['pgwatchd', 'resume'])
  await host.waitUntilHealthy()

  const read = await host.exec(['psql', '-X', '-d', 'app', '-c', 'select sum(length(text)) from precious'], {
    user: 'postgres',
    anyExit: true,
  })
  t.match(read.stderr, /invalid page in block 3/)
  const mail = await host.inbox.waitForMail(/SUCCESS|serving again|repair/i, 120_000, mailsBefore)
  await host.waitUntilHealthy()

  t.equal(Number(await host.sql('select count(*) from precious', 'app')), 20000 - doomed, `all rows but the ${String(doomed)} of the page`)
  t.equal(await host.sql(`select count(*) from precious p where text <> 'row ' || id`, 'app'), '0')
  const { stdout } = await host.exec(['find', '/var/lib/pgwatchd/incidents', '-type', 'f'])
  t.comment(stdout)
  t.match(stdout, /page|image/i, 'the image of the page is kept')
  t.match(stdout, /lost|keys|salvag/i, 'the lost keys are kept')
  t.equal(await host.sql('show zero_damaged_pages', 'app'), 'off')
  t.equal(await host.sql('select count(*) from pg_db_role_setting', 'app'), '0')
  t.match(mail.text, /precious|page/)
})

/** Takes all room of the data volume, down to the last block. */
async function fillVolume(): Promise<void> {
  await host.exec(['mountpoint', '-q', VOLUME])
  for (const blockSize of ['1M', '4k']) {
    await host.exec(['sh', '-c', `dd if=/dev/zero bs=${blockSize} >> ${FILLER}`], { anyExit: true, user: 'postgres' })
  }
}

/** Work that needs a new WAL segment, which there is no room for; a checkpoint on a full volume is the server's end. */
async function makeWalGrow(): Promise<void> {
  const work = 'insert into growing select repeat(md5(n::text), 30) from generate_series(1, 100000) n'
  const psql = ['psql', '-X', '-d', 'app']
  const { exitCode } = await host.exec([...psql, '-c', work], { user: 'postgres', anyExit: true })
  if (exitCode === 0) throw new Error('the volume was not full')
  await host.exec([...psql, '-c', 'checkpoint'], { user: 'postgres', anyExit: true })
}

async function findBallast(): Promise<string> {
  const { stdout } = await host.exec(['find', VOLUME, '/var/lib/pgwatchd', '-type', 'f', '-size', `${String(BALLAST_BYTES)}c`])
  return stdout.trim().split('\n')[0] ?? ''
}
