import t from 'tap'
import { createHost } from '../fakes/host.ts'
import type { SimulatedHost } from '../fakes/host.ts'
import type { SimulatedClient } from '../fakes/simulated-server.ts'

const ACT = 'recovery: { sessions: { policy: act } }'

const CLIENTS: readonly SimulatedClient[] = [
  { pid: 21, state: 'active', stateForMs: 7_200_000 },
  { pid: 22, state: 'idle', stateForMs: 3_600_000 },
  { pid: 23, state: 'idle', stateForMs: 60_000 },
  { pid: 24, state: 'idle in transaction', stateForMs: 600_000 },
  { pid: 25, state: 'idle in transaction', stateForMs: 100 },
  { pid: 26, state: 'idle', stateForMs: 1_800_000 },
]

function fill({ server }: SimulatedHost, clients = CLIENTS): void {
  server.conditions.clients = clients
  server.conditions.otherSlots = 97 - clients.length
  server.conditions.slotsFull = 'application'
}

/** Without the breaks of its lines. */
function flat(text = ''): string {
  return text.replace(/\s+/g, ' ')
}

function successes(host: SimulatedHost): number {
  return host.events().filter((event) => event === 'alert-recovery-succeeded').length
}

function left({ server }: SimulatedHost): readonly number[] {
  return server.conditions.clients.map(({ pid }) => pid)
}

function subjects({ mails }: SimulatedHost): readonly string[] {
  return mails().map(({ subject }) => subject.replace(/ after .*/, ''))
}

t.test('connections exhausted, policy act: idle in transaction first, then the longest idle, no more than the headroom', async (t) => {
  const host = await createHost({ yaml: ACT })
  fill(host)
  await host.until(() => successes(host) === 1, '1m')
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.strictSame(left(host), [21, 23, 25])
  t.strictSame(host.acts(), [], 'no restart')
  t.strictSame(subjects(host), [
    '[ERROR] db1 15-main: PostgreSQL has no connection left, sessions are ended (attempt 1 of 3)',
    '[SUCCESS] db1 15-main: the application is served again',
  ])
})

for (const policy of ['observe', 'off'] as const) {
  t.test(`connections exhausted, policy ${policy}: nothing is ended, and a person is told`, async (t) => {
    const host = await createHost({ yaml: `recovery: { sessions: { policy: ${policy} } }` })
    fill(host)
    await host.advance('1h')
    t.strictSame(left(host), [21, 22, 23, 24, 25, 26])
    t.match(host.mails()[0]?.subject, /no connection left/)
    const statement = /psql .* -c "select pid, pg_terminate_backend\(pid\) from pg_stat_activity where \(pid, backend_start\) in \(\(24, /
    if (policy === 'observe') t.match(flat(host.mails()[0]?.text), statement)
    else t.notMatch(flat(host.mails()[0]?.text), /pg_terminate_backend/)
    t.match(
      flat(host.mails()[0]?.text),
      policy === 'observe' ? /6 |1 of app on app from 10\.0\.0\.5, idle in transaction, for up to 10 min/ : /53300/,
    )
  })
}

t.test('a rush that comes back again and again costs its own attempts, and a crash is recovered all the same', async (t) => {
  const host = await createHost({ yaml: ACT })
  for (let round = 1; round <= 3; round += 1) {
    fill(host)
    await host.until(() => successes(host) === round, '1m')
    await host.rest()
    t.equal(host.mode(), 'healthy')
  }
  fill(host)
  await host.advance('5m')
  t.equal(host.mode(), 'waiting', 'a person has to find out who connects so often')
  t.strictSame(left(host), [21, 22, 23, 24, 25, 26])
  const mail = host.mails().at(-1)
  t.match(mail?.subject, /^\[ERROR\].*no connection left$/)
  t.match(flat(mail?.text), /3 of the 3 attempts allowed within 1 hour were made/)
  host.server.crash()
  host.server.conditions.slotsFull = 'no'
  await host.until(() => successes(host) === 4, '10s')
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.strictSame(host.acts(), ['start'])
})

t.test('sessions that are at work are never ended: a person is told, with what they do', async (t) => {
  const host = await createHost({ yaml: ACT })
  fill(
    host,
    CLIENTS.filter(({ state }) => state === 'active'),
  )
  await host.advance('2h')
  t.strictSame(left(host), [21])
  t.equal(host.mode(), 'waiting')
  t.match(flat(host.mails()[0]?.text), /no session was ended: none of them may be/)
})

t.test('and may be when the configuration says so, last', async (t) => {
  const host = await createHost({ yaml: 'recovery: { sessions: { policy: act, active: 1h } }' })
  fill(
    host,
    CLIENTS.filter(({ state }) => state !== 'idle'),
  )
  await host.until(() => successes(host) === 1, '1m')
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.strictSame(left(host), [25], 'the one idle in transaction went first, and gave no room enough')
})

t.test('pgwatchd is killed before and after each call of that recovery: the next one ends it, with one attempt', async (t) => {
  for (const fate of ['die-before', 'die-after'] as const) {
    for (let at = 1; ; at += 1) {
      const host = await createHost({ yaml: ACT })
      fill(host)
      let seen = 0
      host.gate.hook(({ operation }) => {
        const counts = /^(files|session|postgres) /.test(operation) && host.events().includes('mode-recovering')
        return counts && (seen += 1) === at ? fate : 'pass'
      })
      await host.until(() => host.daemon.life.isOver() || successes(host) === 1, '2m')
      if (!host.daemon.life.isOver()) break
      await host.advance('10s')
      await host.startDaemon()
      await host.rest()
      t.equal(host.mode(), 'healthy', `${fate} call ${at}`)
      t.ok(left(host).includes(21) && left(host).length >= 3, `${fate} call ${at}: none at work, and not all`)
      t.strictSame(host.acts(), [])
      t.ok(host.daemon.watch().state.remedies.attempts.length <= 1, `${fate} call ${at}`)
    }
  }
})
