import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { readJournal, waitForEntry } from './support/journal.ts'
import { isServing, openApplicationSession, waitUntilServing } from './support/service-clock.ts'
import { waitFor } from './support/wait.ts'
import { startWatchedHost } from './support/watched-host.ts'

/** The interval between looks and a few confirmations. */
const TOLD_WITHIN_MS = 40_000

t.setTimeout(900_000)

const host = await startWatchedHost(t, ['recovery:', '  attempts: 20'])

t.test('as many sessions of the application as the server takes', async (t) => {
  const mailsBefore = host.inbox.mails.length
  const pid = await host.postmasterPid()
  const sessions = []
  try {
    for (;;) sessions.push(await openApplicationSession(host, 5000))
  } catch (error) {
    t.match(error, { code: '53300' }, `refused after ${String(sessions.length)} sessions`)
  }
  const mail = await host.inbox.waitForMail(/session|connection/i, TOLD_WITHIN_MS, mailsBefore)
  await sleep(5000)
  t.equal((await host.cluster()).cause, 'connections-exhausted')
  t.equal(await host.postmasterPid(), pid, 'the server was not restarted')
  await Promise.all(sessions.map((session) => session.query('select 1')))
  t.pass('no session was lost')
  await Promise.all(sessions.map((session) => session.end()))
  await host.waitUntilHealthy()
  const alerts = host.inbox.mails.slice(mailsBefore).filter((other) => !other.subject.includes('[SUCCESS]'))
  t.strictSame(
    alerts.map(({ subject }) => subject),
    [mail.subject],
    'one alert',
  )
})

t.test('the same with the policy act: the application logs in again, and nothing is restarted', async (t) => {
  await host.configure(['recovery:', '  attempts: 20', '  sessions:', '    policy: act'])
  await host.exec(['systemctl', 'reload', 'pgwatchd'])
  const pid = await host.postmasterPid()
  const sessions = []
  const worker = await openApplicationSession(host, 30_000)
  worker.on('error', () => undefined)
  const work = worker.query('select pg_sleep(15)')
  try {
    for (;;) {
      const session = await openApplicationSession(host, 5000)
      session.on('error', () => undefined)
      sessions.push(session)
    }
  } catch (error) {
    t.match(error, { code: '53300' }, `refused after ${String(sessions.length)} sessions`)
  }
  const refusedAtMs = Date.now()
  const again = await waitFor('the application to log in', 30_000, () => openApplicationSession(host, 5000))
  const outageMs = Date.now() - refusedAtMs
  t.ok(outageMs < 5000, `it logged in again ${String(outageMs)} ms after the first refusal`)
  t.comment(`it logged in again ${String(outageMs)} ms after the first refusal`)
  t.equal(await host.postmasterPid(), pid, 'the server was not restarted')
  await t.resolves(work, 'what was at work has ended by itself')
  const alive = await Promise.all(
    sessions.map((session) =>
      session
        .query('select 1')
        .then(() => true)
        .catch(() => false),
    ),
  )
  // The headroom is 3; each session of pgwatchd itself in a reserved slot takes one more from the application.
  const ended = alive.filter((lives) => !lives).length
  t.ok(ended >= 3 && ended <= 5, `no more sessions were ended than give back the headroom: ${String(ended)}`)
  await Promise.all([worker, again, ...sessions].map((session) => session.end().catch(() => undefined)))
  await host.waitUntilHealthy()
})

t.test('a wrong password of the application', async (t) => {
  const mailsBefore = host.inbox.mails.length
  const pid = await host.postmasterPid()
  await host.sql(`alter role app password 'another'`)
  const mail = await host.inbox.waitForMail(/log in|login|password|credential|auth/i, TOLD_WITHIN_MS, mailsBefore)
  t.match(mail.text, /28P01|password authentication failed/)
  t.notMatch(mail.text, /correct horse/, 'the password is not told')
  t.equal((await host.cluster()).cause, 'auth-broken')
  t.equal(await host.postmasterPid(), pid, 'the server was not restarted')
  await host.sql(`alter role app password 'correct horse'`)
  await host.waitUntilHealthy()
})

t.test('a broken postgresql.conf', async (t) => {
  const mailsBefore = host.inbox.mails.length
  const file = `/etc/postgresql/${String(host.release.postgresVersion)}/main/postgresql.conf`
  await host.exec(['sh', '-c', `echo "shared_buffers = plenty" >> ${file}`])
  await host.exec(['kill', '-KILL', String(await host.postmasterPid())])
  const mail = await host.inbox.waitForMail(/configuration/i, TOLD_WITHIN_MS, mailsBefore)
  t.match(mail.text, /shared_buffers/, 'the reason is told')
  t.equal((await host.cluster()).cause, 'configuration-broken')
  await host.exec(['sed', '-i', '$d', file])
  await waitUntilServing(host, TOLD_WITHIN_MS)
  await host.waitUntilHealthy()
})

t.test('a redo that takes longer than every timeout', async (t) => {
  await host.configure([
    ...['watch:', '  interval: 2s'],
    ...['probes:', '  timeout:', '    connection: 1s', '    authentication: 1s'],
    ...['recovery:', '  attempts: 20', '  start:', '    stall_timeout: 10s', '    request_timeout: 1s'],
  ])
  await host.exec(['systemctl', 'reload', 'pgwatchd'])
  await writeMuchWal()
  const crashedAtMs = Date.now()
  await host.exec(['kill', '-KILL', String(await host.postmasterPid())])
  const stopSlowing = await slowDownRedo()
  const pid = await host.postmasterPid()
  await sleep(35_000)
  t.notOk(await isServing(host), 'the redo is under way')
  const progress = (await readJournal(host, crashedAtMs)).filter((entry) => /replay|redo/i.test(entry.message))
  t.ok(progress.length >= 2, `progress is told: ${JSON.stringify(progress.map((entry) => entry.message.slice(0, 120)))}`)
  stopSlowing.abort()
  await waitUntilServing(host, 60_000)
  await host.waitUntilHealthy()
  t.equal(await host.postmasterPid(), pid, 'the server was started once')
  await waitForEntry(host, 'the recovery', 1000, crashedAtMs, (entry) => entry.event === 'mode-healthy')
})

/** Some 400 MB that a crash leaves to be replayed. */
async function writeMuchWal(): Promise<void> {
  for (const setting of [`max_wal_size = '10GB'`, `checkpoint_timeout = '1d'`]) await host.sql(`alter system set ${setting}`)
  await host.sql('select pg_reload_conf()')
  await host.sql('create table filled (n int, filler text)')
  await host.sql(`insert into filled select n, repeat('x', 1000) from generate_series(1, 150000) n`)
  await host.sql('update filled set n = n + 1')
}

/** Lets the startup process run for a small part of the time, until aborted. */
async function slowDownRedo(): Promise<AbortController> {
  const controller = new AbortController()
  const startup = await waitFor('the startup process', 10_000, async () => {
    const { stdout } = await host.exec(['pgrep', '-f', '^postgres:.*startup'], { anyExit: true })
    return stdout.trim() === '' ? undefined : stdout.trim()
  })
  const pulses = `while kill -STOP ${startup} && sleep 0.5 && kill -CONT ${startup} && sleep 0.005 && [ ! -e /tmp/full-speed ]; do :; done; kill -CONT ${startup}`
  void host.exec(['sh', '-c', pulses], { anyExit: true, timeoutMs: 120_000 })
  controller.signal.addEventListener('abort', () => void host.exec(['touch', '/tmp/full-speed']))
  return controller
}
