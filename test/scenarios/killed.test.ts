import t from 'tap'
import type { Test } from 'tap'
import { createHost } from '../fakes/host.ts'
import type { SimulatedHost } from '../fakes/host.ts'
import type { Mail } from '../../src/ports/mailer.ts'
import type { Fate, PortCall } from '../fakes/simulated-gate.ts'

const isSave = ({ operation, object }: PortCall): boolean =>
  /^files (overwrite|writeDurably)$/.test(operation) && object.endsWith('.journal')
const isWrite = ({ operation }: PortCall): boolean =>
  /^files (overwrite|writeDurably|move|remove|makeDirectory)$|^service (start|stop|hold|release|clearFailure)$/.test(operation)

const isForAPerson = ({ subject }: Mail): boolean => subject.includes('given up')

/** kill -9 at the `at`-th call that matches, once. Returns whether it came to that. */
function killAt(host: SimulatedHost, matches: (call: PortCall) => boolean, at: number, fate: Fate): () => boolean {
  let seen = 0
  const unhook = host.gate.hook((call) => {
    if (!matches(call)) return 'pass'
    seen += 1
    return seen === at ? fate : 'pass'
  })
  return () => {
    unhook()
    return seen >= at
  }
}

/** A crash, a daemon that dies during the recovery, and the next one ten seconds later. Resolves to false when none died. */
async function dieInRecovery(t: Test, matches: (call: PortCall) => boolean, at: number, fate: Fate): Promise<boolean> {
  const host = await createHost()
  let served = host.server.starts
  const died = killAt(host, matches, at, fate)
  host.server.crash()
  await host.until(() => host.daemon.life.isOver() || host.events().includes('alert-recovery-succeeded'), '2m')
  if (!host.daemon.life.isOver()) return died()
  await host.advance('10s')
  t.ok(died())
  await host.startDaemon()
  await host.rest()
  const where = `${fate} call ${at}`
  t.equal(host.mode(), 'healthy', where)
  t.equal(host.server.phase, 'running', where)
  t.equal(host.service.held, false, `${where}: nothing is held back`)
  served = host.server.starts - served
  t.equal(served, 1, `${where}: one start, so never a second postmaster`)
  const state = await host.savedState()
  t.ok((state?.attempts.length ?? 0) <= 1, `${where}: ${state?.attempts.length} attempts`)
  t.match(state, { incidentId: null, owed: null }, where)
  t.ok(
    host.mails().some(({ subject }) => subject.includes('serving again')),
    `${where}: its end is told`,
  )
  const incidents = await host.daemon.watch().incidents.list()
  t.strictSame(
    incidents.map(({ outcome, attempts }) => [outcome, attempts]),
    [['recovered', 1]],
    where,
  )
  return true
}

for (const fate of ['die-before', 'die-after'] as const) {
  t.test(`a daemon that is killed (${fate}) at each save of the journal is followed by one that ends the work`, async (t) => {
    let at = 1
    while (await dieInRecovery(t, isSave, at, fate)) at += 1
    t.ok(at > 8, `${at - 1} saves`)
  })

  t.test(`and so at each other write, and at each request to the service manager (${fate})`, async (t) => {
    let at = 1
    while (await dieInRecovery(t, isWrite, at, fate)) at += 1
    t.ok(at > 20, `${at - 1} writes`)
  })
}

for (const fate of ['die-before', 'die-after'] as const) {
  t.test(`a person is called for an exhausted cluster, at whatever write the daemon is killed (${fate})`, async (t) => {
    for (let at = 1, died = true; died; at += 1) {
      const host = await createHost({ yaml: 'recovery: { attempts: 1 }' })
      host.server.conditions.fatalAtStart = 'could not load library'
      const hasDied = killAt(host, isWrite, at, fate)
      host.server.crash()
      await host.until(() => host.daemon.life.isOver() || host.mails().some(isForAPerson), '2m')
      died = hasDied()
      if (!died) t.ok(at > 20, `${at} writes`)
      if (host.daemon.life.isOver()) await host.startDaemon()
      await host.until(() => host.mails().some(isForAPerson), '5m')
      await host.advance('5s')
      t.match(await host.savedState(), { mode: 'exhausted', owed: null, attempts: { length: 1 } }, `${fate} call ${at}`)
    }
  })
}

t.test('a state that was half written when the daemon was killed goes at the next start', async (t) => {
  const host = await createHost()
  host.killDaemon()
  const path = '/var/lib/pgwatchd/state/.15-main.state.0123456789ab.new'
  host.files.put(path, 'pgwatchd-slot')
  await host.startDaemon()
  t.notOk(host.files.paths().includes(path))
})

t.test('a daemon that is killed between the count of a second attempt and its journal does not take the first for it', async (t) => {
  const host = await createHost()
  host.server.conditions.fatalAtStart = 'could not load library'
  host.server.crash()
  await host.until(() => host.mode() === 'waiting', '1m')
  host.server.conditions.fatalAtStart = ''
  killAt(host, isSave, 1, 'die-before')
  await host.until(() => host.daemon.life.isOver(), '2m')
  await host.startDaemon()
  await host.advance('5s')
  t.equal(host.server.phase, 'running', 'no cooldown for an attempt that did not begin')
  await host.rest()
  t.match(await host.savedJournal(), { status: 'succeeded', attempt: 2 })
  t.equal((await host.savedState())?.attempts.length, 2)
})
