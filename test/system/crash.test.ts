import t from 'tap'
import { waitForEntry } from './support/journal.ts'
import { measureOutage } from './support/service-clock.ts'
import { startWatchedHost, waitForUnit, type WatchedHost } from './support/watched-host.ts'

const NOTICED_WITHIN_MS = 300
const SLOWER_THAN_SYSTEMD_BY_AT_MOST_MS = 1000
const REPETITIONS = 3

t.setTimeout(900_000)

const host = await startWatchedHost(t, ['recovery:', '  attempts: 20'])

const FAULTS = [
  { name: 'SIGKILL of the postmaster', make: async () => makeFault(`kill -KILL ${String(await host.postmasterPid())}`) },
  { name: 'SIGKILL of the whole unit', make: async () => makeFault(`systemctl kill -s KILL ${host.unit}`) },
]

for (const fault of FAULTS) {
  await t.test(fault.name, async (t) => {
    await host.sql('create table if not exists acknowledged (n int)', 'app')
    await host.sql('insert into acknowledged select generate_series(1, 1000)', 'app')
    const bySystemd = await underSystemdAlone(host, fault.make)

    const byPgwatchd: number[] = []
    const noticedAfter: number[] = []
    for (let repetition = 0; repetition < REPETITIONS; repetition++) {
      const mailsBefore = host.inbox.mails.length
      const outage = await measureOutage(host, 30_000, fault.make)
      byPgwatchd.push(outage.lastedMs)
      const noticed = await waitForEntry(host, 'the recovery', 5000, outage.faultWallMs, (entry) => entry.event === 'mode-recovering')
      noticedAfter.push(Math.round(noticed.wallMs - outage.faultWallMs))
      t.equal(noticed.priority, 3, 'in the journal as an error')
      await host.waitUntilHealthy()
      await host.inbox.waitForMail(/SUCCESS.*serving again/, 10_000, mailsBefore)
    }
    const allowed = median(bySystemd) + SLOWER_THAN_SYSTEMD_BY_AT_MOST_MS
    t.ok(median(noticedAfter) <= NOTICED_WITHIN_MS, `noticed after ${noticedAfter.join(', ')} ms`)
    t.comment(`served again after ${byPgwatchd.join(', ')} ms; under systemd alone after ${bySystemd.join(', ')} ms`)
    t.ok(median(byPgwatchd) <= allowed, `served again after ${String(median(byPgwatchd))} ms, at most ${String(allowed)} ms are allowed`)
    t.not(await host.sql('select count(*) from acknowledged', 'app'), '0', 'acknowledged rows are there')
  })
}

t.test('each crash was one incident with one thread of mails', async (t) => {
  const incidents = await listIncidents()
  t.equal(incidents.length, FAULTS.length * REPETITIONS)
  t.ok(
    incidents.every((incident) => incident.cause === 'crashed' && incident.outcome === 'recovered' && incident.attempts === 1),
    JSON.stringify(incidents),
  )
  for (const { id } of incidents) {
    const mails = host.inbox.mails.filter((mail) => mail.text.includes(id))
    t.match(
      mails.map((mail) => mail.subject),
      [/ERROR.*recovery has started/, /SUCCESS.*serving again/],
    )
    t.match(mails[1]?.headers['references'] ?? '', mails[0]?.headers['message-id'] ?? '-', 'the second answers the first')
  }
})

t.test('the journal tells errors apart', async (t) => {
  const { stdout } = await host.exec(['journalctl', '-u', 'pgwatchd', '-p', 'err', '-o', 'cat', '--no-pager'])
  t.match(stdout, /the postmaster is gone/)
  t.notMatch(stdout, /step-done/)
})

t.test('a postmaster.pid as after a reboot that names a living innocent process', async (t) => {
  for (const [name, command] of [
    ['another program', 'sleep 1000'],
    ['a program with "postgres" in its command line', 'exec -a "postgres: just a name" sleep 1000'],
  ] as const) {
    await t.test(name, async (t) => {
      const innocentPid = Number((await host.exec(['bash', '-c', `(${command}) >/dev/null 2>&1 & echo $!`], { user: 'postgres' })).stdout)
      await crashAsAtReboot(innocentPid)
      await host.waitUntilHealthy(60_000)
      const { stdout } = await host.exec(['ps', '-o', 'stat=,args=', '-p', String(innocentPid)], { anyExit: true })
      t.match(stdout, /sleep 1000|postgres: just a name/, 'the innocent process is alive')
      t.not(await host.postmasterPid(), innocentPid)
      await host.exec(['kill', String(innocentPid)])
    })
  }
})

t.test('SIGSTOP of the postmaster', async (t) => {
  const pid = await host.postmasterPid()
  const outage = await measureOutage(host, 60_000, () => makeFault(`kill -STOP ${String(pid)}`))
  const recovery = await waitForEntry(host, 'the recovery', 5000, outage.faultWallMs, (entry) => entry.event === 'mode-recovering')
  const noticed = await waitForEntry(host, 'the suspicion', 5000, outage.faultWallMs, (entry) => entry.event === 'mode-suspect')
  t.equal(recovery.fields['cause'], 'frozen')
  t.comment(`recovery began after ${(recovery.wallMs - outage.faultWallMs).toFixed(0)} ms`)
  t.ok(noticed.wallMs - outage.faultWallMs <= 15_000, `noticed after ${(noticed.wallMs - outage.faultWallMs).toFixed(0)} ms`)
  t.ok(outage.lastedMs <= 30_000, `served again after ${String(outage.lastedMs)} ms`)
  await host.waitUntilHealthy()
})

/** Runs a command of the shell; resolves to the wall clock of the machine just before it. */
async function makeFault(command: string): Promise<number> {
  return Number((await host.exec(['sh', '-c', `date +%s%3N; ${command}`])).stdout)
}

/** Outages of the same fault when nothing but systemd's own restart mends it. */
async function underSystemdAlone(host: WatchedHost, make: () => Promise<number>): Promise<readonly number[]> {
  const directory = `/run/systemd/system/${host.unit}.d`
  await host.exec(['systemctl', 'stop', 'pgwatchd'])
  await host.exec(['mkdir', '-p', directory])
  await host.writeFile(`${directory}/restart.conf`, '[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=on-failure\n')
  await host.exec(['systemctl', 'daemon-reload'])
  const outages: number[] = []
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    outages.push((await measureOutage(host, 60_000, make)).lastedMs)
    await waitForUnit(host, 60_000)
  }
  await host.exec(['rm', `${directory}/restart.conf`])
  await host.exec(['systemctl', 'daemon-reload'])
  await host.exec(['systemctl', 'start', 'pgwatchd'])
  await host.waitUntilHealthy()
  return outages
}

/** Kills the server, and while nobody may start it puts another process into its lock file, as a reboot can. */
async function crashAsAtReboot(innocentPid: number): Promise<void> {
  const pidFile = `${host.dataDirectory}/postmaster.pid`
  const shellQuoted = `kill -STOP "$(systemctl show -p MainPID --value pgwatchd)"
    cp -p ${pidFile} /tmp/postmaster.pid
    systemctl kill -s KILL ${host.unit}
    while ! systemctl show -p ActiveState --value ${host.unit} | grep -qE 'failed|inactive'; do sleep 0.05; done
    sed -i '1s/.*/${String(innocentPid)}/' /tmp/postmaster.pid
    cp -p /tmp/postmaster.pid ${pidFile}
    kill -CONT "$(systemctl show -p MainPID --value pgwatchd)"`
  await host.exec(['bash', '-c', shellQuoted])
}

async function listIncidents(): Promise<
  readonly { readonly id: string; readonly cause: string; readonly outcome: string; readonly attempts: number }[]
> {
  const { stdout } = await host.exec(['pgwatchd', 'incidents', '--json'])
  const parsed = JSON.parse(stdout) as { incidents?: never[] } | never[]
  return Array.isArray(parsed) ? parsed : (parsed.incidents ?? [])
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? NaN
}
