import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { injectAtWrite } from './support/inject.ts'
import { waitForEntry } from './support/journal.ts'
import { waitUntilServing } from './support/service-clock.ts'
import { waitFor } from './support/wait.ts'
import { startWatchedHost } from './support/watched-host.ts'

const ROWS = 1000
const MORE_WRITES_THAN_A_RECOVERY_MAKES = 40
const CONVERGED_WITHIN_MS = 60_000
const LONG_RUN = process.env['PGWATCHD_TEST_FULL'] === '1'

t.setTimeout(1_800_000)

const host = await startWatchedHost(t, ['recovery:', '  attempts: 20', '  window: 1m', '  cooldown: 1s', '  cooldown_max: 10s'])
const journalFile = `/var/lib/pgwatchd/state/${host.clusterName}.journal`
await traceable()
await host.sql('create table acknowledged as select generate_series(1, 1000) n', 'app')

t.test('kill -9 of pgwatchd at each write of the journal, while it recovers from a crash', async (t) => {
  const steps = new Set<string>()
  for (let write = 1; write < MORE_WRITES_THAN_A_RECOVERY_MAKES; write++) {
    const injection = await injectAtWrite(host, (await host.status()).pid, journalFile, 'signal=KILL', write)
    const crashedAtMs = Date.now()
    await host.exec(['kill', '-KILL', String(await host.postmasterPid())])
    const killed = await Promise.race([injection.ended.then(() => true), recovered(crashedAtMs).then(() => false)])
    if (!killed) {
      await injection.stop()
      t.comment(`a recovery makes ${String(write - 1)} writes; killed in ${[...steps].join(', ')}`)
      t.ok(write > 10, 'the journal is written at each step')
      return
    }
    steps.add(await lastStep(crashedAtMs))
    await waitUntilServing(host, CONVERGED_WITHIN_MS)
    await host.waitUntilHealthy(CONVERGED_WITHIN_MS)
    t.strictSame(await findings(), { attempts: 1, outcome: 'recovered', held: false, rows: ROWS }, `killed at write ${String(write)}`)
  }
  t.fail('the recovery never ended')
})

t.test('pgwatchd is stopped, restarted and upgraded in the middle of a recovery', async (t) => {
  const acts = [
    { name: 'stopped', act: () => host.exec(['systemctl', 'stop', 'pgwatchd'], { timeoutMs: 120_000 }) },
    { name: 'restarted', act: () => host.exec(['systemctl', 'restart', 'pgwatchd'], { timeoutMs: 120_000 }) },
    { name: 'upgraded', act: () => host.installNewerPackage() },
  ]
  for (const { name, act } of acts) {
    for (const write of LONG_RUN ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] : [2, 7, 9]) {
      const injection = await injectAtWrite(host, (await host.status()).pid, journalFile, 'delay_enter=1500000', write)
      const crashedAtMs = Date.now()
      await host.exec(['kill', '-KILL', String(await host.postmasterPid())])
      await waitForEntry(host, 'the recovery', 10_000, crashedAtMs, (entry) => entry.event === 'mode-recovering')
      await sleep(300)
      await act()
      await waitUntilServing(host, CONVERGED_WITHIN_MS)
      t.ok(injection.wasMade(), `${name} while write ${String(write)} of the journal was under way`)
      await host.exec(['systemctl', 'start', 'pgwatchd'])
      await host.waitUntilHealthy(CONVERGED_WITHIN_MS)
      t.match(await findings(), { outcome: 'recovered', held: false, rows: ROWS }, name)
      await injection.stop()
    }
  }
})

/** One thread for files, so that its writes can be counted. */
async function traceable(): Promise<void> {
  const directory = '/etc/systemd/system/pgwatchd.service.d'
  await host.exec(['mkdir', '-p', directory])
  await host.writeFile(`${directory}/traceable.conf`, '[Service]\nEnvironment=UV_THREADPOOL_SIZE=1\n')
  await host.exec(['systemctl', 'daemon-reload'])
  await host.exec(['systemctl', 'restart', 'pgwatchd'])
  await host.waitUntilHealthy()
}

async function recovered(sinceMs: number): Promise<void> {
  await waitForEntry(host, 'the end of the recovery', CONVERGED_WITHIN_MS, sinceMs, (entry) => entry.event === 'mode-healthy')
}

async function lastStep(sinceMs: number): Promise<string> {
  const { stdout } = await host.exec(['journalctl', '-u', 'pgwatchd', '-o', 'cat', '--no-pager', `--since=@${(sinceMs / 1000).toFixed(3)}`])
  const steps = [...stdout.matchAll(/"step":"([a-z-]+)"/g)].map(([, step]) => step)
  return steps.pop() ?? 'none'
}

/** What a kill must not have changed. */
async function findings() {
  const [incident] = await waitFor('the incident to be closed', 10_000, async () => {
    const { stdout } = await host.exec(['pgwatchd', 'incidents', '--json'])
    const list = JSON.parse(stdout) as readonly { attempts: number; outcome: string }[]
    return list[0]?.outcome === '' ? undefined : list
  })
  const held = (await host.exec(['test', '-e', `/run/pgwatchd/hold-${host.clusterName}`], { anyExit: true })).exitCode === 0
  return {
    attempts: incident?.attempts,
    outcome: incident?.outcome,
    held,
    rows: Number(await host.sql('select count(*) from acknowledged', 'app')),
  }
}
