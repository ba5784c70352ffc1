import t from 'tap'
import { createHost } from '../fakes/host.ts'

t.test('status tells where the cluster stands', async (t) => {
  const host = await createHost()
  t.match(await host.ask({ command: 'status' }), [
    {
      type: 'status',
      status: { stateSaved: true, clusters: [{ name: '15-main', mode: 'healthy', cause: null, attemptsAllowed: 3, step: '' }] },
    },
    { type: 'done', ok: true },
  ])
})

t.test('probe looks now, at all clusters or at one', async (t) => {
  const host = await createHost()
  t.match(await host.ask({ command: 'probe' }), [
    { type: 'probe', clusters: [{ name: '15-main', assessment: { response: 'none' } }] },
    { ok: true },
  ])
  t.match(await host.ask({ command: 'probe', cluster: '16-x' }), [{ ok: false, code: 'unknown-cluster', hint: /15-main/ }])
})

t.test('an unknown cluster is refused by every request that acts', async (t) => {
  const host = await createHost()
  const by = 'anna'
  const requests = [
    { command: 'recover', cluster: '16-x', planOnly: false },
    { command: 'pause', cluster: '16-x', by },
    { command: 'resume', cluster: '16-x', by },
  ] as const
  for (const request of requests) t.match(await host.ask(request), [{ ok: false, code: 'unknown-cluster' }], request.command)
})

t.test('a healthy cluster is not recovered', async (t) => {
  const host = await createHost()
  t.match(await host.ask({ command: 'recover', planOnly: false }), [{ ok: false, code: 'refused', text: /6 of 6 probes pass/ }])
  t.same(host.acts(), [])
})

t.test('a second recovery is refused while one is under way', async (t) => {
  const host = await createHost()
  host.server.conditions.redoMs = 30_000
  host.server.crash()
  await host.advance('5s')
  t.match(await host.ask({ command: 'recover', planOnly: false }), [{ ok: false, code: 'busy', text: /start-postgres/ }])
})

t.test('a paused cluster is not recovered, and a resumed one is', async (t) => {
  const host = await createHost()
  await host.ask({ command: 'pause', by: 'anna', forMs: 600_000 })
  host.server.crash()
  const [status] = await host.ask({ command: 'status' })
  t.match(status, { status: { clusters: [{ mode: 'paused', pausedUntilWallMs: host.clock.wallMs() + 600_000 }] } })
  t.match(await host.ask({ command: 'recover', planOnly: false }), [{ ok: false, code: 'refused', hint: /resume/ }])
  t.match(await host.ask({ command: 'resume', by: 'anna' }), [{ ok: true }])
  await host.rest()
  t.equal(host.mode(), 'healthy')
})

t.test('a plan tells every step and changes nothing', async (t) => {
  const host = await createHost()
  await host.ask({ command: 'pause', by: 'anna' })
  host.server.crash()
  const paths = host.files.paths()
  const [plan, end] = await host.ask({ command: 'recover', planOnly: true })
  t.match(plan, { type: 'plan', cluster: '15-main', verdict: /postmaster is gone/ })
  t.equal(plan?.type === 'plan' && plan.steps.find(({ name }) => name === 'start-postgres')?.go, 'run')
  t.match(end, { ok: true })
  t.same(host.files.paths(), paths)
  t.same(host.acts(), [])
})

t.test('a stopped cluster is recovered before its grace is over when an operator asks for it, step by step', async (t) => {
  const host = await createHost()
  await host.stopByOperator()
  await host.rest()
  const answers = await host.ask({ command: 'recover', planOnly: false })
  t.match(answers[0], { type: 'progress', text: /shut down cleanly/ })
  t.ok(answers.some((answer) => answer.type === 'progress' && answer.text === 'step start-postgres'))
  t.match(answers.at(-1), { ok: true, text: /serving again/ })
})

t.test('a client that leaves does not end the recovery', async (t) => {
  const host = await createHost({ yaml: 'recovery: { mode: observe }' })
  host.server.conditions.redoMs = 20_000
  host.server.crash()
  await host.rest()
  const leaving = new AbortController()
  const asked = host.daemon.ask({ command: 'recover', planOnly: false }, leaving.signal)
  await host.advance('300ms')
  leaving.abort()
  await asked
  await host.rest()
  t.equal(host.mode(), 'healthy')
})

t.test('a failed recovery is told with its reason, and one that did not begin is no success', async (t) => {
  const host = await createHost()
  host.server.crash()
  await host.rest()
  host.server.conditions.fatalAtStart = 'could not load library'
  await host.stopByOperator()
  await host.rest()
  t.match((await host.ask({ command: 'recover', planOnly: false })).at(-1), { ok: false, code: 'failed', text: /could not load library/ })
})

t.test('health reports every part of the cluster', async (t) => {
  const host = await createHost()
  const [answer] = await host.ask({ command: 'health' })
  t.match(answer, { type: 'health', clusters: [{ cluster: '15-main', items: [{ item: 'server', word: 'ok' }] }] })
})
