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

t.test('the intent and then the state are on disk before an effect is carried out', async (t) => {
  const host = await createHost()
  host.server.crash()
  const order: string[] = []
  host.gate.hook(({ operation, object }) => {
    if (/^files (overwrite|writeDurably)/.test(operation)) order.push(object.replace(/.*\//, ''))
    return 'pass'
  })
  await host.daemon.watch().apply({ type: 'failure-proven', assessment: CRASHED })
  t.same(order.slice(0, 2), ['15-main.journal', '15-main.state'])
  t.ok(order.includes('incident.json'))
})

t.test('a run that dies right after an attempt was counted leaves the next one what it was for', async (t) => {
  const host = await createHost()
  const watch = host.daemon.watch()
  const damage = {
    kind: 'page',
    relationPath: 'base/5/16384',
    block: 3,
    message: 'invalid page in block 3 of relation base/5/16384',
  } as const
  const assessment = { ...CRASHED, cause: 'damaged', plan: 'repair-online', verdict: 'a damaged page' } as const
  watch.factsMemory.proved = [damage]
  const unhook = host.gate.hook(({ operation, object }) =>
    operation === 'disk fdatasync' && object.endsWith('.state') ? 'die-after' : 'pass',
  )
  void watch.apply({ type: 'failure-proven', assessment })
  await host.until(() => host.daemon.life.isOver(), '1m')
  unhook()
  t.match(await host.savedState(), { mode: 'recovering', incidentAttempts: 1 })
  t.match(await host.savedJournal(), { status: 'open', attempt: 1, assessment, damages: [damage], steps: { length: 0 } })
  await host.startDaemon()
  await host.until(() => host.events().includes('step-began'), '1m')
  t.match(await host.savedJournal(), { resumptions: 1, damages: [damage] })
  t.match(await host.daemon.watch().incidents.list(), [{ verdict: 'a damaged page' }])
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
