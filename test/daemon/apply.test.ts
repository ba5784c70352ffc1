import t from 'tap'
import type { Effect } from '../../src/core/effect.ts'
import { OutsideError } from '../../src/ports/outside-error.ts'
import { createHost } from '../fakes/host.ts'
import type { SimulatedHost } from '../fakes/host.ts'

const CRASHED = {
  cause: 'crashed',
  response: 'recover',
  plan: 'restart',
  strength: 'proven',
  verdict: 'the postmaster is gone',
  evidence: [],
  ruledOut: [],
  warnings: [],
  attemptsAtMost: undefined,
} as const

function refuseState(host: SimulatedHost): () => void {
  const refusal = new OutsideError({ operation: 'write', object: 'the state', code: 'ENOSPC', reason: 'no space' })
  return host.gate.hook(({ operation, object }) =>
    /overwrite|writeDurably/.test(operation) && object.endsWith('.state') ? refusal : 'pass',
  )
}

t.test('the state is on disk before an effect is carried out', async (t) => {
  const host = await createHost()
  host.server.crash()
  const order: string[] = []
  host.gate.hook(({ operation, object }) => {
    if (/^files (overwrite|writeDurably)/.test(operation)) order.push(object.replace(/.*\//, ''))
    return 'pass'
  })
  await host.daemon.watch().apply({ type: 'failure-proven', assessment: CRASHED })
  t.equal(order[0], '15-main.state')
  t.ok(order.includes('incident.json'))
})

t.test('events are applied one after the other', async (t) => {
  const host = await createHost()
  const watch = host.daemon.watch()
  const paused = watch.apply({ type: 'operator-paused', forMs: null, by: 'anna' })
  const failed = watch.apply({ type: 'failure-proven', assessment: CRASHED })
  t.match(await Promise.all([paused, failed]), [{ state: { mode: 'paused' } }, { before: { mode: 'paused' }, state: { mode: 'paused' } }])
})

t.test('what cannot be saved begins no recovery and counts none, but keeps its incident', async (t) => {
  const host = await createHost()
  const watch = host.daemon.watch()
  const mend = refuseState(host)
  const first = await watch.apply({ type: 'failure-proven', assessment: CRASHED })
  t.match(first.state, { mode: 'suspect', attempts: [], incidentAttempts: 0, told: false })
  t.same(first.effects, ['open-incident'] satisfies Effect[])
  const second = await watch.apply({ type: 'failure-proven', assessment: CRASHED })
  t.equal(second.state.incidentId, first.state.incidentId)
  t.equal(watch.recovery, undefined)
  t.equal(watch.stateSaved, false)
  mend()
  t.match((await watch.apply({ type: 'failure-proven', assessment: CRASHED })).state, { mode: 'recovering', attempts: [{}] })
  t.equal(watch.stateSaved, true)
})

t.test('an event that fails by a bug does not keep the next one', async (t) => {
  const host = await createHost()
  const watch = host.daemon.watch()
  const unhook = host.gate.hook(({ object }) => (object.endsWith('.state') ? new TypeError('a bug') : 'pass'))
  await t.rejects(watch.apply({ type: 'operator-paused', forMs: null, by: 'anna' }), TypeError)
  unhook()
  t.match(await watch.apply({ type: 'operator-paused', forMs: null, by: 'anna' }), { state: { mode: 'paused' } })
})

t.test('a recovery whose end cannot be saved is told all the same, and ends', async (t) => {
  const host = await createHost({ yaml: 'recovery: { attempts: 1 }' })
  host.server.conditions.fatalAtStart = 'could not load library'
  let mend = (): void => undefined
  host.gate.hook(({ operation }) => {
    if (operation === 'service start') mend = refuseState(host)
    return 'pass'
  })
  host.server.crash()
  await host.until(() => host.mode() === 'exhausted', '1m')
  t.equal(host.daemon.watch().stateSaved, false)
  mend()
  await host.advance('1m')
  t.equal(host.daemon.watch().stateSaved, true)
  t.same(host.acts(), ['start'])
})
