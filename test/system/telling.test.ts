import t from 'tap'
import { waitForEntry } from './support/journal.ts'
import { startWatchedHost } from './support/watched-host.ts'

const DELIVERED_WITHIN_MS = 180_000

t.setTimeout(900_000)

const host = await startWatchedHost(t, ['recovery:', '  attempts: 20'])

t.test('test-alert proves delivery', async (t) => {
  await host.exec(['pgwatchd', 'test-alert'])
  t.ok(await host.inbox.waitForMail(/test/i, 10_000))
})

t.test('a mail server that is down delays no recovery and loses nothing', async (t) => {
  const mailsBefore = host.inbox.mails.length
  await host.inbox.stop()
  await host.exec(['kill', '-KILL', String(await host.postmasterPid())])
  await host.waitUntilHealthy(20_000)
  t.ok((await host.status()).outbox.waiting >= 2, 'mails wait')
  await host.exec(['systemctl', 'kill', '-s', 'KILL', 'pgwatchd'])
  await host.waitUntilHealthy(30_000)
  t.ok((await host.status()).outbox.waiting >= 2, 'also after the death of the daemon')
  await host.inbox.start()
  await host.inbox.waitForMail(/recovery has started/, DELIVERED_WITHIN_MS, mailsBefore)
  await host.inbox.waitForMail(/serving again/, DELIVERED_WITHIN_MS, mailsBefore)
})

t.test('an invalid configuration on reload', async (t) => {
  const pid = (await host.status()).pid
  const sinceMs = Date.now()
  await host.configure(['watch:', '  intervall: 5s'])
  await host.exec(['systemctl', 'reload', 'pgwatchd'], { anyExit: true })
  const refusal = await waitForEntry(host, 'the refusal', 10_000, sinceMs, (entry) => /pgwatch\.yaml:\d+:\d+/.test(entry.message))
  t.ok(refusal.priority <= 4, 'at least a warning')
  t.match(refusal.message, /intervall.*did you mean.*interval/)
  t.equal((await host.status()).pid, pid, 'the daemon runs on')
  t.equal((await host.cluster()).mode, 'healthy', 'with the old configuration')
  await host.exec(['kill', '-KILL', String(await host.postmasterPid())])
  await host.waitUntilHealthy(20_000)
})

t.test('a valid configuration on reload', async (t) => {
  const sinceMs = Date.now()
  await host.configure(['watch:', '  interval: 5s', 'recovery:', '  attempts: 7'])
  await host.exec(['systemctl', 'reload', 'pgwatchd'])
  await waitForEntry(host, 'the new configuration', 10_000, sinceMs, (entry) => /config/i.test(entry.event))
  t.equal((await host.cluster()).attemptsAllowed, 7)
})

t.test('an invalid configuration at the start', async (t) => {
  await host.exec(['systemctl', 'stop', 'pgwatchd'])
  await host.configure(['watch:', '  interval: soon'])
  t.not((await host.exec(['systemctl', 'start', 'pgwatchd'], { anyExit: true })).exitCode, 0)
  const { stdout } = await host.exec(['systemctl', 'status', 'pgwatchd', '--no-pager'], { anyExit: true })
  t.match(stdout, /pgwatch\.yaml:\d+:\d+/)
  const check = await host.exec(['pgwatchd', 'check-config'], { anyExit: true })
  t.not(check.exitCode, 0)
  t.match(`${check.stdout}${check.stderr}`, /pgwatch\.yaml:\d+:\d+.*interval/)
})
