import t from 'tap'
import type { ControlAnswer } from '../../src/daemon/control-protocol.ts'
import { createHost } from '../fakes/host.ts'
import { DATA } from '../fakes/simulated-data-directory.ts'

const REQUEST = { command: 'restart', planOnly: false } as const

function checksOf(answers: readonly ControlAnswer[]) {
  const found = answers.find((answer) => answer.type === 'preflight')
  return Object.fromEntries(found?.checks.map(({ name, verdict }) => [name, verdict]) ?? [])
}

t.test('a restart that is asked for is looked into, done once and told', async (t) => {
  const host = await createHost()
  const planned = await host.ask({ ...REQUEST, planOnly: true })
  t.strictSame(Object.values(checksOf(planned)).includes('stop'), false, JSON.stringify(planned))
  t.same(host.acts(), [], 'a plan changes nothing')
  const pid = host.server.postmasterPid
  const answers = await host.ask(REQUEST)
  t.match(
    answers.at(-1),
    { type: 'done', ok: true, text: /15-main: restarted and serving; it was away for \d+\.\d s/ },
    JSON.stringify(answers),
  )
  t.not(host.server.postmasterPid, pid)
  await host.rest()
  t.equal(host.mode(), 'healthy')
})

t.test('what would keep it from coming back refuses it, and nothing is stopped', async (t) => {
  const host = await createHost()
  host.files.put(`${DATA}/standby.signal`, '')
  const pid = host.server.postmasterPid
  const answers = await host.ask(REQUEST)
  t.match(answers.at(-1), { type: 'done', ok: false, code: 'refused', text: /standby\.signal/ })
  t.equal(host.server.postmasterPid, pid)
  t.same(host.acts(), [])
})

t.test('while paused it is refused', async (t) => {
  const host = await createHost()
  await host.ask({ command: 'pause', by: 'anna' })
  t.match(await host.ask(REQUEST), [{ type: 'done', ok: false, code: 'refused', text: /paused/ }])
  t.same(host.acts(), [])
})

t.test('what another manager owns is not restarted, though all is well', async (t) => {
  const host = await createHost()
  host.files.put(`${DATA}/patroni.dynamic.json`, '{}')
  t.match((await host.ask(REQUEST)).at(-1), { type: 'done', ok: false, code: 'refused', text: /owner: it belongs to patroni/ })
  t.same(host.acts(), [])
})

t.test('while a copy is made of it, it is not restarted', async (t) => {
  const host = await createHost()
  host.server.conditions.baseBackups = 1
  t.match((await host.ask(REQUEST)).at(-1), { type: 'done', ok: false, text: /1 base backups are under way/ })
  t.same(host.acts(), [])
})
