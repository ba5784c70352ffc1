import t from 'tap'
import { createHost } from '../fakes/host.ts'
import type { SimulatedHost } from '../fakes/host.ts'

/** A server that ends in each start. */
async function createFailingHost(): Promise<SimulatedHost> {
  const host = await createHost({ yaml: 'watch: { interval: 60s }' })
  host.server.conditions.fatalAtStart = 'could not access status of transaction 4711'
  host.server.crash()
  return host
}

async function exhaust(): Promise<SimulatedHost> {
  const host = await createFailingHost()
  await host.until(() => host.mode() === 'exhausted', '10m')
  await host.rest()
  return host
}

const severe = (host: SimulatedHost): number => host.mails().filter(({ subject }) => subject.startsWith('[CRITICAL]')).length

t.test('a start that fails three times: cooldowns of 30 and 60 s, then one CRITICAL mail and no act for a day', async (t) => {
  const host = await createFailingHost()
  const startsMs: number[] = []
  host.gate.hook(({ operation }) => {
    if (operation === 'service start') startsMs.push(host.clock.monotonicMs())
    return 'pass'
  })
  await host.until(() => host.mode() === 'exhausted', '10m')
  const pausesS = startsMs.map((atMs, index) => Math.floor((atMs - (startsMs[index - 1] ?? atMs)) / 1000))
  t.same(pausesS, [0, 30, 60])
  await host.rest()
  t.equal(severe(host), 1)
  t.match(host.mails().at(-1)?.text, /could not access status of transaction 4711/)
  await host.advance('24h')
  t.equal(host.mode(), 'exhausted')
  t.equal(startsMs.length, 3)
  t.equal(severe(host), 1)
})

t.test('resume counts anew', async (t) => {
  const host = await exhaust()
  host.server.conditions.fatalAtStart = ''
  t.match(await host.daemon.ask({ command: 'resume', by: 'anna' }), [{ ok: true }])
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.equal((await host.savedState())?.attempts.length, 1)
})

t.test('what other hands mended is noticed and told', async (t) => {
  const host = await exhaust()
  host.server.conditions.fatalAtStart = ''
  await host.startByOperator()
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.match(host.mails().at(-1)?.subject, /\[SUCCESS\].*without help/)
  t.equal(host.acts().length, 3)
})

t.test('exhausted it stays over a restart of pgwatchd and a reboot of the host', async (t) => {
  const host = await exhaust()
  host.killDaemon()
  await host.startDaemon()
  await host.advance('1h')
  t.equal(host.mode(), 'exhausted')
  host.killDaemon()
  host.clock.reboot()
  await host.startDaemon()
  await host.advance('1h')
  t.equal(host.mode(), 'exhausted')
  t.equal(host.acts().length, 3)
})

t.test('a recovery that an operator asks for begins in spite of that, and is counted', async (t) => {
  const host = await exhaust()
  host.server.conditions.fatalAtStart = ''
  t.match((await host.ask({ command: 'recover', planOnly: false })).at(-1), { type: 'done', ok: true })
  t.equal(host.mode(), 'healthy')
})
