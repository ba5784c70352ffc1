import t from 'tap'
import type { Incident } from '../../src/core/incident.ts'
import { createHost } from '../fakes/host.ts'
import type { SimulatedHost } from '../fakes/host.ts'

function incidents(host: SimulatedHost): readonly Incident[] {
  const paths = host.files.paths().filter((path) => path.endsWith('/incident.json'))
  return paths.map((path) => JSON.parse(host.files.textOf(path) ?? '') as Incident)
}

t.test('a recovered incident tells its story with its downtime', async (t) => {
  const host = await createHost()
  host.server.crash()
  await host.rest()
  const [incident, ...others] = incidents(host)
  t.same(others, [])
  t.match(incident, { cause: 'crashed', outcome: 'recovered', attempts: 1, verdict: 'the postmaster is gone without a clean shutdown' })
  t.ok((incident?.downtimeMs ?? 0) >= 800 && (incident?.downtimeMs ?? 0) < 1500)
  t.match(
    incident?.timeline.map(({ text }) => text),
    [/^capture-evidence done/, /^check-data-files done/, /^start-postgres done/, /^verify done/, /^Recovered/],
  )
})

t.test('one late answer is a false alarm without downtime', async (t) => {
  const host = await createHost()
  host.server.conditions.latencyMs = (role) => (role === 'application' ? 3000 : 1)
  await host.until(() => host.mode() === 'suspect', '1m')
  host.server.conditions.latencyMs = () => 0
  await host.rest()
  const [incident] = incidents(host)
  t.match(incident, { outcome: 'false-alarm', attempts: 0 })
  t.equal(incident?.downtimeMs, undefined)
})

t.test('what ended without help says so', async (t) => {
  const host = await createHost()
  host.server.conditions.refusedLogin = true
  await host.advance('1m')
  host.server.conditions.refusedLogin = false
  await host.rest()
  t.match(incidents(host), [{ cause: 'auth-broken', outcome: 'recovered-without-us' }])
})

t.test('a pause ends the incident', async (t) => {
  const host = await createHost()
  host.server.conditions.refusedLogin = true
  await host.advance('1m')
  await host.ask({ command: 'pause', by: 'anna' })
  t.match(incidents(host), [{ outcome: 'paused', closedAtWallMs: Number }])
})

t.test('a cause that changes is one incident, with the change in its timeline', async (t) => {
  const host = await createHost()
  host.server.conditions.refusedLogin = true
  await host.advance('1m')
  host.server.crash()
  host.server.conditions.refusedLogin = false
  await host.rest()
  const [incident, ...others] = incidents(host)
  t.same(others, [])
  t.match(incident, { cause: 'crashed', attempts: 1 })
  t.ok(incident?.timeline.some(({ text }) => text === 'the postmaster is gone without a clean shutdown'))
})

t.test('an incident goes on after a restart of pgwatchd', async (t) => {
  const host = await createHost()
  host.server.conditions.refusedLogin = true
  await host.advance('1m')
  host.killDaemon()
  await host.startDaemon()
  await host.advance('1m')
  host.server.conditions.refusedLogin = false
  await host.rest()
  t.match(incidents(host), [{ outcome: 'recovered-without-us' }])
  const ids = new Set(host.mails().map(({ messageId, threadId }) => threadId ?? messageId))
  t.equal(ids.size, 1, 'one thread of mails')
})
