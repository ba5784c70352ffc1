import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { isServing, waitUntilServing } from './support/service-clock.ts'
import { startWatchedHost } from './support/watched-host.ts'

const GRACE_S = 5

t.setTimeout(900_000)

const host = await startWatchedHost(t, ['watch:', '  operator_stop:', `    grace: ${String(GRACE_S)}s`])

t.test('a file of the stopped cluster that root has open keeps pgwatchd away, from within its sandbox', async (t) => {
  const file = `${host.dataDirectory}/global/1262`
  await host.exec(['systemd-run', '--unit=holder', 'tail', '-f', file])
  await host.exec(['systemctl', 'stop', host.unit])
  await sleep(GRACE_S * 3000)
  t.notOk(await isServing(host), 'left alone beyond the grace')
  const status = await host.cluster()
  t.match(status.sentence, /another user's program \(.*it has global\/1262 open\) works in the data directory/)
  await host.exec(['systemctl', 'stop', 'holder'])
  await waitUntilServing(host, 30_000)
  await host.waitUntilHealthy()
})
