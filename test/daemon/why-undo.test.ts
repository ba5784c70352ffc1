import t from 'tap'
import { createHost } from '../fakes/host.ts'

t.test('why tells the last decision with what it was made of, also when all is over', async (t) => {
  const host = await createHost()
  t.match(await host.ask({ command: 'why' }), [
    { type: 'why', clusters: [{ mode: 'healthy', decided: null, lastIncident: null }] },
    { ok: true },
  ])
  host.server.crash()
  await host.rest()
  const [answer] = await host.ask({ command: 'why' })
  t.match(answer, {
    clusters: [{ mode: 'healthy', decided: { was: 'recovering', mode: 'healthy', why: 'Recovered', incidentId: /crashed/ } }],
  })
})

t.test('why tells of a decision that left everything to a person', async (t) => {
  const host = await createHost()
  host.server.conditions.slotsFull = 'application'
  await host.advance('10s')
  const [answer] = await host.ask({ command: 'why' })
  t.match(answer, {
    clusters: [{ cause: 'connections-exhausted', decided: { assessment: { evidence: [/53300/] } }, restartHelps: false }],
  })
})

t.test('undo of an unknown incident, and of one that changed nothing', async (t) => {
  const host = await createHost()
  t.match(await host.ask({ command: 'undo', incident: 'last', planOnly: false, by: 'anna' }), [{ ok: false, code: 'unknown-incident' }])
  host.server.crash()
  await host.rest()
  const answers = await host.ask({ command: 'undo', incident: 'last', planOnly: false, by: 'anna' })
  t.match(answers, [
    { type: 'undo', cluster: '15-main', lines: [] },
    { ok: true, text: /changed nothing/ },
  ])
  t.equal(host.mode(), 'healthy', 'and is not paused for nothing')
})

t.test('undo pauses the cluster, takes back what it can, and says so', async (t) => {
  const host = await createHost()
  host.server.crash()
  await host.rest()
  const folder = host.files.paths().find((path) => /incidents\/[^/]+$/.test(path)) ?? ''
  host.files.put('/srv/file', '', { mode: 0o600 })
  const change = { kind: 'mode-changed', path: '/srv/file', before: 0o644, after: 0o600 }
  host.files.put(`${folder}/changes.jsonl`, `${JSON.stringify({ version: 1, wallMs: 1, by: 'test', change })}\n`)
  t.match(await host.ask({ command: 'undo', incident: 'last', planOnly: true, by: 'anna' }), [
    { lines: [{ outcome: 'would-undo' }] },
    { ok: true },
  ])
  t.equal(host.mode(), 'healthy', 'a plan changes nothing')
  const answers = await host.ask({ command: 'undo', incident: 'last', planOnly: false, by: 'anna' })
  t.match(answers, [{ lines: [{ outcome: 'undone' }] }, { ok: true, text: /paused until pgwatchd resume/ }])
  t.equal((await host.files.status('/srv/file'))?.mode, 0o644)
  t.equal(host.mode(), 'paused')
})

t.test('nothing is undone while a recovery is under way, or when the pause cannot be saved', async (t) => {
  const host = await createHost()
  host.files.put('/srv/file', '', { mode: 0o600 })
  host.server.conditions.redoMs = 30_000
  host.server.crash()
  await host.advance('5s')
  const folder = host.files.paths().find((path) => /incidents\/[^/]+$/.test(path)) ?? ''
  const change = { kind: 'mode-changed', path: '/srv/file', before: 0o644, after: 0o600 }
  host.files.put(`${folder}/changes.jsonl`, `${JSON.stringify({ version: 1, wallMs: 1, by: 'test', change })}\n`)
  t.match(await host.ask({ command: 'undo', incident: 'last', planOnly: false, by: 'anna' }), [{ ok: false, code: 'busy' }])
  await host.rest()
  for (const operation of ['overwrite', 'writeDurably'] as const) host.files.fail({ operation, code: 'EIO' })
  t.match(await host.ask({ command: 'undo', incident: 'last', planOnly: false, by: 'anna' }), [
    { ok: false, code: 'failed', text: /nothing was undone/ },
  ])
  t.equal((await host.files.status('/srv/file'))?.mode, 0o600)
})
