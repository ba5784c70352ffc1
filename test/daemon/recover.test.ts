import t from 'tap'
import { createHost } from '../fakes/host.ts'
import type { SimulatedHost } from '../fakes/host.ts'
import { OutsideError } from '../../src/ports/outside-error.ts'

/** A host whose daemon dies while the server starts. */
async function dieWhileStarting(): Promise<SimulatedHost> {
  const host = await createHost()
  host.server.conditions.redoMs = 20_000
  host.server.crash()
  await host.advance('5s')
  host.killDaemon()
  return host
}

t.test('a bug in a step fails the attempt, is named as one, and the next attempt follows', async (t) => {
  const host = await createHost()
  const unhook = host.gate.hook(({ operation }) => (operation === 'service start' ? new TypeError('a bug') : 'pass'))
  host.server.crash()
  await host.until(() => host.mode() === 'waiting', '1m')
  t.match(host.journal.find(({ event }) => event === 'step-failed')?.message, /bug in step start-postgres: TypeError: a bug/)
  unhook()
  await host.advance('1m')
  t.equal(host.mode(), 'healthy')
})

t.test('the daemon goes on with the attempt that the one before left, and counts the resumption', async (t) => {
  const host = await dieWhileStarting()
  await host.startDaemon()
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.match(await host.savedJournal(), { status: 'succeeded', attempt: 1, resumptions: 1 })
  t.same(host.acts(), ['start'])
})

t.test('a server that serves by the time the daemon is back is only verified', async (t) => {
  const host = await dieWhileStarting()
  await host.advance('1m')
  t.equal(host.server.phase, 'running')
  await host.startDaemon()
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), ['start'])
})

t.test('a journal that cannot be read counts as a failed attempt, and the watch goes on', async (t) => {
  const host = await dieWhileStarting()
  const unhook = host.gate.hook(({ operation, object }) =>
    operation === 'files read' && object.endsWith('.journal')
      ? new OutsideError({ operation: 'read', object, code: 'EIO', reason: 'EIO' })
      : 'pass',
  )
  await host.startDaemon()
  await host.advance('1s')
  unhook()
  t.match(
    host.journal.find(({ event }) => event === 'journal-unreadable'),
    { level: 'err' },
  )
  await host.rest()
  await host.advance('1m')
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), ['start'])
})

t.test('a journal that is no journal is as none: a start under way is waited for', async (t) => {
  const host = await dieWhileStarting()
  host.files.put('/var/lib/pgwatchd/state/15-main.journal', 'garbage')
  await host.startDaemon()
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), ['start'])
})

t.test('what the log said before a recovery is no evidence after it', async (t) => {
  const host = await createHost()
  host.server.panic('could not locate a valid checkpoint record')
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.same(host.daemon.watch().indicators.panics, [])
})

t.test('a host that reboots in the middle of a recovery ends with a server that serves', async (t) => {
  const host = await dieWhileStarting()
  host.server.crash()
  host.clock.reboot(30_000)
  host.service.change({ state: 'inactive', result: 'success' })
  await host.service.release()
  await host.startDaemon()
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), ['start', 'start'])
  t.equal((await host.savedState())?.attempts.length, 1)
})

t.test('a daemon that dies in each resumption gives the attempt up in the end', async (t) => {
  const host = await dieWhileStarting()
  host.server.conditions.stalled = true
  for (let life = 0; life < 8; life += 1) {
    await host.startDaemon()
    await host.advance('3s')
    if (host.mode() !== 'recovering') break
    host.killDaemon()
  }
  t.not(host.mode(), 'recovering')
  t.match(await host.savedJournal(), { status: 'failed', resumptions: 6 })
})
