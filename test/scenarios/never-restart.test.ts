import t from 'tap'
import { createHost } from '../fakes/host.ts'
import type { SimulatedHost } from '../fakes/host.ts'
import { DATA } from '../fakes/simulated-data-directory.ts'

const HOURS = 3

/** Alerts about the trouble itself, without the one of its end. */
function alerts(host: SimulatedHost): readonly string[] {
  return host
    .mails()
    .map(({ subject }) => subject)
    .filter((subject) => !subject.startsWith('[SUCCESS]'))
}

const TROUBLES: readonly (readonly [
  name: string,
  subject: RegExp,
  begin: (host: SimulatedHost) => void,
  end: (host: SimulatedHost) => void,
])[] = [
  [
    'slots taken by the application',
    /no connection left/,
    ({ server }) => (server.conditions.slotsFull = 'application'),
    ({ server }) => (server.conditions.slotsFull = 'no'),
  ],
  [
    'every slot taken',
    /no connection left/,
    ({ server }) => (server.conditions.slotsFull = 'everybody'),
    ({ server }) => (server.conditions.slotsFull = 'no'),
  ],
  [
    'a wrong password',
    /refuses the login.*28P01/,
    ({ server }) => (server.conditions.refusedLogin = true),
    ({ server }) => (server.conditions.refusedLogin = false),
  ],
  [
    'slow answers',
    /is slow/,
    ({ server }) => (server.conditions.latencyMs = (role) => (role === 'application' ? 3000 : 5)),
    ({ server }) => (server.conditions.latencyMs = () => 0),
  ],
  [
    'a read-only server',
    /takes no writes/,
    ({ server }) => (server.conditions.readOnly = true),
    ({ server }) => (server.conditions.readOnly = false),
  ],
]

for (const [name, subject, begin, end] of TROUBLES) {
  t.test(`${name}: no act in ${HOURS} hours, one alert and its throttled repeats`, async (t) => {
    const host = await createHost({ yaml: 'watch: { interval: 30s }' })
    begin(host)
    await host.until(() => host.mode() === 'waiting', '2m')
    t.equal(alerts(host).length, 1)
    t.match(alerts(host)[0], subject)
    await host.advance(`${HOURS}h`)
    t.same(host.acts(), [])
    t.ok(alerts(host).length <= HOURS + 1, `${alerts(host).length} alerts`)
    t.ok(alerts(host).length >= HOURS, 'a trouble that stays is told again')
    end(host)
    await host.rest()
    t.equal(host.mode(), 'healthy')
    t.match(host.mails().at(-1)?.subject, /SUCCESS.*without help/)
  })
}

t.test('a cluster of Patroni is looked on and never acted on, even when it is down', async (t) => {
  const host = await createHost()
  host.processes.put({
    pid: 900,
    executable: '/usr/bin/python3',
    commandLine: `/usr/bin/python3 /usr/bin/patroni /etc/patroni/15-main.yml`,
  })
  host.server.crash()
  await host.advance(`${HOURS}h`)
  t.same(host.acts(), [])
  t.equal(host.mode(), 'waiting')
  t.match(alerts(host)[0], /another manager owns it/)
})

t.test('redo that takes longer than every timeout is waited for, and told', async (t) => {
  const host = await createHost()
  host.server.conditions.redoMs = 3_600_000
  host.server.crash()
  await host.advance('30m')
  t.equal(host.mode(), 'recovering')
  t.same(host.acts(), ['start'])
  t.ok(host.journal.filter(({ event }) => event === 'recovery-progress').length > 100)
  t.match(host.journal.at(-1)?.message, /replaying [0-9A-F]{24}/)
  await host.rest('2h')
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), ['start'])
  t.equal(host.server.starts, 1)
  t.match(host.mails().at(-1)?.subject, /serving again after 1 h/)
})

t.test('a redo that somebody else began is waited for, and told once it takes long', async (t) => {
  const host = await createHost()
  host.server.conditions.redoMs = 7_200_000
  host.killDaemon()
  host.server.crash()
  await host.startByOperator()
  await host.startDaemon()
  await host.advance('119m')
  t.equal(host.mode(), 'waiting')
  t.same(host.acts(), [])
  t.ok(alerts(host).length >= 1 && alerts(host).length <= 3, `${alerts(host).length} alerts`)
  await host.rest()
  t.equal(host.mode(), 'healthy')
})

t.test('a start in which nothing moves is told to a person and not disturbed', async (t) => {
  const host = await createHost()
  host.server.conditions.redoMs = 60_000
  host.server.conditions.stalled = true
  host.server.crash()
  await host.advance('2h')
  t.same(host.acts(), ['start'])
  t.ok(alerts(host).some((subject) => /held up|nothing moves/.test(subject)))
  host.server.conditions.stalled = false
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), ['start'])
})

t.test('a broken configuration is told, and no start is tried before it is mended', async (t) => {
  const host = await createHost()
  host.server.conditions.configurationError = 'FATAL:  configuration file "postgresql.conf" contains errors'
  host.server.crash()
  await host.advance('2h')
  t.same(host.acts(), [])
  t.match(alerts(host)[0], /refuses its configuration/)
  host.server.conditions.configurationError = ''
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), ['start'])
})

t.test('a standby is never acted on', async (t) => {
  const host = await createHost()
  host.server.crash()
  host.directory.setState('in archive recovery')
  host.files.put(`${DATA}/standby.signal`, '')
  await host.advance('1h')
  t.same(host.acts(), [])
})

t.test('a crash while the password is wrong costs one attempt and is told as what it is', async (t) => {
  const host = await createHost()
  host.server.conditions.refusedLogin = true
  host.server.crash()
  await host.advance('5m')
  t.same(host.acts(), ['start'])
  t.notOk(
    host.mails().some(({ text }) => /PostgreSQL is still down/.test(text)),
    'nobody is told that a server is down which serves',
  )
  t.equal(host.mode(), 'waiting')
})
