import t from 'tap'
import { createHost } from '../fakes/host.ts'
import type { SimulatedHost } from '../fakes/host.ts'
import { DATA } from '../fakes/simulated-data-directory.ts'

/** Puts every process of the server into uninterruptible sleep. */
function hangStorage({ processes }: SimulatedHost): void {
  for (const process of processes.postgresIn(DATA)) processes.put({ ...process, state: 'D', waitChannel: 'nfs4_wait' })
}

function wakeStorage({ processes }: SimulatedHost): void {
  for (const process of processes.postgresIn(DATA)) processes.put({ ...process, state: 'S', waitChannel: '', killPending: false })
}

function signals({ processes }: SimulatedHost): readonly string[] {
  return processes.signals.map(({ signal }) => signal)
}

function severe({ mails }: SimulatedHost): readonly string[] {
  return mails()
    .map(({ subject }) => subject)
    .filter((subject) => subject.startsWith('[CRITICAL]'))
}

t.test(
  'storage that hangs: nothing is signalled, stopped or started, one CRITICAL mail and its repeats, and it goes on by itself',
  async (t) => {
    const host = await createHost()
    hangStorage(host)
    await host.until(() => severe(host).length > 0, '5m')
    t.match(severe(host)[0], /waits for storage that does not answer/)
    t.match(host.mails()[0]?.text, /postmaster \(pid 4711\) waits in the kernel in\s+nfs4_wait/)
    await host.advance('3h')
    t.equal(host.mode(), 'waiting')
    t.same([...host.acts(), ...signals(host)], [])
    t.ok(severe(host).length >= 3 && severe(host).length <= 4, `${severe(host).length} mails in three hours`)
    wakeStorage(host)
    await host.rest()
    t.equal(host.mode(), 'healthy')
    t.match(host.mails().at(-1)?.subject, /SUCCESS.*without help/)
  },
)

/** A stopped postmaster that does not go on, and whose processes live on when they are killed. */
async function outliveKill(): Promise<SimulatedHost> {
  const host = await createHost()
  host.server.conditions.unkillable = true
  host.server.freeze()
  await host.until(() => severe(host).length > 0, '10m')
  return host
}

t.test(
  'processes that outlive SIGKILL are a state of its own: no second kill, no start, and who is told again by the usual policy',
  async (t) => {
    const host = await outliveKill()
    t.match(severe(host)[0], /hangs and cannot be stopped/)
    const mail = host.mails().find(({ subject }) => subject.startsWith('[CRITICAL]'))
    t.match(mail?.text, /was sent SIGKILL and waits in the kernel in\s+nfs4_wait/)
    t.match(mail?.text, /\/proc\/4711\/stack/, 'where to look')
    const [acts, sent] = [host.acts(), signals(host)]
    await host.advance('3h')
    t.equal(host.mode(), 'waiting')
    t.strictSame([host.acts(), signals(host)], [acts, sent])
    t.notOk(acts.includes('start'))
    t.ok(severe(host).length >= 3 && severe(host).length <= 4, `${severe(host).length} mails`)
  },
)

t.test('when they are gone at last, the server is started at once', async (t) => {
  const host = await outliveKill()
  await host.advance('1h')
  host.server.conditions.unkillable = false
  host.server.crash()
  await host.until(() => host.mode() === 'healthy', '1m')
  t.equal(host.acts().at(-1), 'start')
})

t.test('when they go on after all, the watch goes on', async (t) => {
  const host = await outliveKill()
  await host.advance('1h')
  host.server.conditions.unkillable = false
  wakeStorage(host)
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.notOk(host.acts().includes('start'))
})

t.test('a restart of pgwatchd forgets nothing of it: no kill, no start', async (t) => {
  const host = await outliveKill()
  const [acts, sent] = [host.acts(), signals(host)]
  host.killDaemon()
  await host.startDaemon()
  await host.advance('1h')
  t.strictSame([host.acts(), signals(host)], [acts, sent])
})
