import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { isServing, waitUntilServing } from './support/service-clock.ts'
import { waitFor } from './support/wait.ts'
import { startWatchedHost } from './support/watched-host.ts'

const GRACE_MS = 15_000
const ALERT_AT_ONCE_MS = 5000

t.setTimeout(900_000)

const host = await startWatchedHost(t, ['watch:', '  operator_stop:', `    grace: ${String(GRACE_MS / 1000)}s`])

t.test('an operator stops the cluster', async (t) => {
  const mailsBefore = host.inbox.mails.length
  const stoppedAtMs = Date.now()
  await host.exec(['systemctl', 'stop', host.unit])
  await host.inbox.waitForMail(/stopped/i, ALERT_AT_ONCE_MS, mailsBefore)
  await sleep(GRACE_MS - 3000 - (Date.now() - stoppedAtMs))
  t.notOk(await isServing(host), 'left alone for the grace')
  await waitUntilServing(host, 30_000)
  t.ok(Date.now() - stoppedAtMs >= GRACE_MS, `serving again after ${String(Date.now() - stoppedAtMs)} ms`)
  await host.waitUntilHealthy()
})

t.test('an operator stops the cluster while pgwatchd is paused', async (t) => {
  await host.exec(['pgwatchd', 'pause'])
  await host.exec(['systemctl', 'stop', host.unit])
  await sleep(GRACE_MS * 2)
  t.equal((await host.exec(['systemctl', 'is-active', host.unit], { anyExit: true })).stdout.trim(), 'inactive', 'never touched')
  t.equal((await host.cluster()).mode, 'paused')
  await host.exec(['systemctl', 'start', host.unit])
  await host.exec(['pgwatchd', 'resume'])
  await host.waitUntilHealthy()
})

t.test('an operator has pgwatchd restart the cluster', async (t) => {
  const pid = await host.postmasterPid()
  const { stdout } = await host.exec(['pgwatchd', 'restart', '--yes'])
  t.match(stdout, /restarted and serving; it was away for \d+\.\d s/)
  t.not(await host.postmasterPid(), pid)
  await host.waitUntilHealthy()
  await waitFor("systemd's unit to be active", 10_000, async () => {
    const { stdout: state } = await host.exec(['systemctl', 'is-active', host.unit], { anyExit: true })
    return state.trim() === 'active' || undefined
  })
})
