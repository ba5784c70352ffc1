import t from 'tap'
import type { Change, UndoGround } from '../../../src/recovery/changes/change.ts'
import { readChanges, recordChange, tryToRecordChange } from '../../../src/recovery/changes/change-log.ts'
import { sha256Of } from '../../../src/recovery/changes/digest.ts'
import { runUndo } from '../../../src/recovery/changes/run-undo.ts'
import { DATA, INCIDENT, makeFakeGround } from '../fake-ground.ts'

const SIGNAL = new AbortController().signal

function stage(runs = false) {
  const { ground, files } = makeFakeGround()
  const undoGround: UndoGround = { ...ground, nothingRuns: () => !runs }
  const record = (change: Change) => recordChange(ground, 'test', change)
  const undo = (planOnly = false) => runUndo(undoGround, { planOnly }, SIGNAL)
  return { ground, files, record, undo }
}

t.test('changes are taken back, the last first, and once only', async (t) => {
  const { files, record, undo } = stage()
  files.put(`${INCIDENT}/standby.signal`, '')
  await record({ kind: 'file-moved', from: `${DATA}/standby.signal`, to: `${INCIDENT}/standby.signal`, why: 'left over' })
  files.putDirectory(`${DATA}/pg_notify`, 0o700)
  await record({ kind: 'directory-made', path: `${DATA}/pg_notify`, mode: 0o700 })
  t.match(await undo(true), [{ outcome: 'would-undo' }, { outcome: 'would-undo' }])
  t.ok(files.paths().includes(`${DATA}/pg_notify`), 'a plan changes nothing')
  t.match(await undo(), [
    { outcome: 'undone', detail: /remove the empty directory/ },
    { outcome: 'undone', detail: /back to/ },
  ])
  t.ok(files.paths().includes(`${DATA}/standby.signal`))
  t.notOk(files.paths().includes(`${DATA}/pg_notify`))
  t.strictSame(await undo(), [], 'nothing is left to undo')
})

t.test('bytes come back only where nobody has written since', async (t) => {
  const { files, record, undo } = stage()
  const written = new TextEncoder().encode('new!')
  files.put(`${DATA}/base`, 'aanew!aa')
  files.put(`${INCIDENT}/page`, 'old.')
  const change: Change = {
    kind: 'bytes-replaced',
    path: `${DATA}/base`,
    offset: 2,
    length: 4,
    kept: `${INCIDENT}/page`,
    sha256After: sha256Of(written),
  }
  await record(change)
  files.put(`${DATA}/base`, 'aaelseaa')
  t.match(await undo(), [{ outcome: 'not-undone', detail: /written since/ }])
  files.put(`${DATA}/base`, 'aanew!aa')
  t.match(await undo(), [{ outcome: 'undone' }])
  t.equal(files.textOf(`${DATA}/base`), 'aaold.aa')
})

t.test('a server that runs is not pulled away from under its files', async (t) => {
  const { files, record, undo } = stage(true)
  files.put(`${INCIDENT}/standby.signal`, '')
  await record({ kind: 'file-moved', from: `${DATA}/standby.signal`, to: `${INCIDENT}/standby.signal`, why: 'left over' })
  t.match(await undo(), [{ outcome: 'not-undone', detail: /the server runs/ }])
})

t.test('what cannot be taken back says why', async (t) => {
  const { record, undo } = stage()
  await record({ kind: 'file-removed', path: '/ballast', bytes: 10, contents: 'zeros of the ballast' })
  await record({ kind: 'sessions-ended', sessions: ['pid 7'] })
  await record({ kind: 'file-moved', from: `${DATA}/postmaster.pid`, to: `${INCIDENT}/postmaster.pid`, why: 'stale' })
  t.match(await undo(), [
    { outcome: 'not-undone', detail: /stale lock file/ },
    { outcome: 'not-undone', detail: /its client connects again/ },
    { outcome: 'not-undone', detail: /zeros of the ballast/ },
  ])
})

t.test('a failure is told, and the others are still taken back', async (t) => {
  const { files, record, undo } = stage()
  for (const name of ['one', 'two']) {
    files.put(`${DATA}/${name}`, '', { mode: 0o700 })
    await record({ kind: 'mode-changed', path: `${DATA}/${name}`, before: 0o755, after: 0o700 })
  }
  files.fail({ operation: 'changeMode', path: `${DATA}/two`, code: 'EIO' })
  t.match(await undo(), [{ outcome: 'failed', detail: /EIO|two/ }, { outcome: 'undone' }])
})

t.test('a change that cannot be recorded is not made; a torn line tells of none', async (t) => {
  const { ground, files, record } = stage()
  await record({ kind: 'sessions-ended', sessions: [] })
  files.grow(`${INCIDENT}/changes.jsonl`, '{"version":1,"wallMs":1,"by":"x","cha')
  await record({ kind: 'sessions-ended', sessions: [] })
  t.equal((await readChanges(files, INCIDENT)).length, 2)
  files.fail({ operation: 'appendDurably', code: 'ENOSPC' })
  await t.rejects(record({ kind: 'sessions-ended', sessions: [] }), { code: 'ENOSPC' })
  t.equal(await tryToRecordChange(ground, 'test', { kind: 'sessions-ended', sessions: [] }), false)
})
