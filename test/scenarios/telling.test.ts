import t from 'tap'
import { createHost } from '../fakes/host.ts'
import { createFakeRandom } from '../fakes/random.ts'

t.test('SMTP is dead for a day: recovery is not delayed, and afterwards every mail arrives once, in order', async (t) => {
  const host = await createHost({ yaml: 'watch: { interval: 60s }' })
  host.setMail('dead')
  for (let crash = 1; crash <= 3; crash += 1) {
    host.server.crash()
    const tookMs = await host.until(() => host.server.phase === 'running', '10s')
    t.ok(tookMs < 2000, `serving after ${tookMs} ms`)
    await host.advance('8h')
  }
  host.killDaemon()
  await host.startDaemon()
  t.same(host.mails(), [])
  host.setMail('works')
  await host.until(() => host.mails().length === 6, '30m')
  await host.advance('1h')
  t.equal(new Set(host.mails().map(({ messageId }) => messageId)).size, 6)
  t.equal(host.mails().length, 6)
  const times = host.mails().map(({ writtenAtWallMs }) => writtenAtWallMs)
  t.same(
    times,
    times.toSorted((left, right) => left - right),
  )
})

t.test('a healthy but busy day: no act, no mail', async (t) => {
  const host = await createHost()
  const random = createFakeRandom(7)
  host.server.conditions.latencyMs = () => (random.fraction() < 0.0005 ? 7000 : random.fraction() * 300)
  await host.advance('8h')
  t.same(host.acts(), [])
  t.same(host.mails(), [])
  t.same(host.processes.signals, [])
  t.equal(host.mode(), 'healthy')
  t.ok(host.events().includes('mode-suspect'), 'some answers were late')
  t.same(
    host.events().filter((event) => !['started', 'heartbeat', 'mode-suspect', 'mode-healthy'].includes(event)),
    [],
  )
})

t.test('a reload in the middle of a recovery lets it end, and what was read counts afterwards', async (t) => {
  const host = await createHost()
  host.server.conditions.redoMs = 60_000
  host.server.crash()
  await host.advance('10s')
  t.equal(host.mode(), 'recovering')
  host.configure('watch: { interval: 20s }')
  const reloaded = await host.daemon.reload()
  t.match(reloaded, { ok: true })
  t.equal(host.mode(), 'recovering')
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), ['start'])
  t.equal(host.daemon.watch().settings.intervalMs, 20_000)
  t.equal((await host.savedState())?.attempts.length, 1)
})

t.test('a file with a mistake is refused and told, and the old one stays', async (t) => {
  const host = await createHost()
  host.configure('watch: { intervall: 20s }')
  t.match(await host.daemon.ask({ command: 'reload' }), [{ type: 'done', ok: false, text: /intervall/ }])
  await host.rest()
  t.equal(host.daemon.watch().settings.intervalMs, 10_000)
  t.match(
    host.mails().map(({ subject }) => subject),
    [/configuration of pgwatchd was refused/],
  )
  host.server.crash()
  await host.rest()
  t.equal(host.mode(), 'healthy')
})

t.test('another cluster entry waits for the recovery under way', async (t) => {
  const host = await createHost()
  host.server.conditions.redoMs = 30_000
  host.server.crash()
  await host.advance('5s')
  const yaml = host.files.textOf('/etc/pgwatch.yaml') ?? ''
  host.files.put('/etc/pgwatch.yaml', yaml.replace('user: app', 'user: shop'))
  const reloading = host.daemon.reload()
  await host.advance('1m')
  t.match(await reloading, { ok: true })
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), ['start'])
  t.equal(host.daemon.watch().login?.user, 'shop')
})

t.test('SIGTERM in a recovery ends it or leaves it to the next start, a second one at once, and nothing is done twice', async (t) => {
  for (const hurried of [false, true]) {
    const host = await createHost()
    host.server.conditions.redoMs = 30_000
    host.server.crash()
    await host.advance('5s')
    let stopped = false
    void host.daemon.stop().then(() => (stopped = true))
    if (hurried) host.daemon.hurry()
    await host.advance('2s')
    if (hurried) t.equal(stopped, true)
    t.equal((await host.savedJournal())?.status, 'open')
    await host.advance('40s')
    t.equal(stopped, true)
    await host.startDaemon()
    await host.rest()
    t.equal(host.mode(), 'healthy')
    t.same(host.acts(), ['start'])
    t.equal((await host.savedState())?.attempts.length, 1)
    t.match(host.mails().at(-1)?.subject, /serving again/)
  }
})
