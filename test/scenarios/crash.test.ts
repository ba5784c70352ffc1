import t from 'tap'
import { createHost } from '../fakes/host.ts'
import { DATA } from '../fakes/simulated-data-directory.ts'

t.test('a crash is recovered: evidence, check, start, proof; counted on disk before the start; one thread of two mails', async (t) => {
  const host = await createHost()
  const counted: (number | undefined)[] = []
  host.gate.hook(({ operation }) => {
    if (operation === 'service start') void host.savedState().then((state) => counted.push(state?.attempts.length))
    return 'pass'
  })
  const crashedMs = host.clock.monotonicMs()
  host.server.crash()
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.equal(host.server.phase, 'running')
  t.same(counted, [1])
  t.same(host.acts(), ['start'])
  t.same(host.steps('done'), ['capture-evidence', 'check-data-files', 'start-postgres', 'verify'])
  t.match(
    host.mails().map(({ subject }) => subject),
    [/^\[ERROR\] db1 15-main: PostgreSQL crashed, recovery has started/, /^\[SUCCESS\].* serving again after/],
  )
  t.equal(host.mails()[1]?.threadId, host.mails()[0]?.messageId)
  const began = host.journal.find(({ event }) => event === 'mode-recovering')
  t.ok((began?.atMs ?? Infinity) - crashedMs < 300, 'noticed and proved within 0.3 s')
  t.match(began?.message, 'the postmaster is gone without a clean shutdown. Failure confirmed')
  t.equal((await host.savedJournal())?.status, 'succeeded')
  t.match(await host.savedState(), { mode: 'healthy', incidentId: null, fruitlessInRow: 0 })
})

t.test('one slow answer is looked at again and told to nobody', async (t) => {
  const host = await createHost()
  const answers = [6000]
  host.server.conditions.latencyMs = (role) => (role === 'application' ? (answers.shift() ?? 1) : 1)
  await host.advance('1m')
  t.equal(host.mode(), 'healthy')
  t.same(host.mails(), [])
  t.same(host.acts(), [])
  t.match(
    host.journal.map(({ event }) => event),
    ['started', 'mode-suspect', 'mode-healthy'],
  )
})

t.test('a lock file that names a living innocent is moved aside, and the innocent lives on', async (t) => {
  const host = await createHost()
  host.server.crash()
  host.processes.put({ pid: 4711, commandLine: '/usr/bin/python3 /srv/postgres-exporter.py' })
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.ok(host.processes.inspect(4711))
  t.same(host.processes.signals, [])
  t.ok(host.files.paths().some((path) => /incidents\/.*-postmaster\.pid$/.test(path)))
})

t.test('a server that was suspended goes on without losing a session', async (t) => {
  const host = await createHost()
  host.server.freeze()
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.match(host.processes.signals, [{ signal: 'SIGCONT' }])
  t.same(host.acts(), [])
})

t.test('a server that crashes again and again uses up its attempts, and gets them back with time', async (t) => {
  const host = await createHost()
  for (let crash = 1; crash <= 3; crash += 1) {
    host.server.crash()
    await host.rest()
    t.equal(host.mode(), 'healthy')
    await host.advance('10m')
  }
  host.server.crash()
  await host.rest()
  t.equal(host.mode(), 'exhausted')
  t.same(host.acts(), ['start', 'start', 'start'])
  t.equal(host.mails().filter(({ subject }) => subject.startsWith('[CRITICAL]')).length, 1)
  await host.startByOperator()
  await host.rest()
  t.equal(host.mode(), 'healthy')
  await host.advance('1h')
  host.server.crash()
  await host.rest()
  t.equal(host.mode(), 'healthy')
})

t.test('the wall clock may jump a day either way', async (t) => {
  for (const jumpMs of [86_400_000, -86_400_000]) {
    const host = await createHost()
    host.server.conditions.fatalAtStart = 'could not load library'
    host.server.crash()
    await host.rest()
    host.clock.shiftWall(jumpMs)
    await host.advance('25s')
    t.equal(host.acts().length, 1, 'the cooldown is not over')
    await host.advance('10s')
    t.equal(host.acts().length, 2)
    host.clock.shiftWall(jumpMs)
    await host.rest()
    await host.advance('5m')
    t.equal(host.mode(), 'exhausted')
    t.equal((await host.savedState())?.attempts.length, 3)
  }
})

t.test('a lost lock file of a running server is no reason to act', async (t) => {
  const host = await createHost()
  host.files.erase(`${DATA}/postmaster.pid`)
  await host.advance('10m')
  t.same(host.acts(), [])
})
