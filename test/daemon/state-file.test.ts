import t from 'tap'
import { createState } from '../../src/core/state.ts'
import { createSlotFile } from '../../src/daemon/slot-file.ts'
import { createStateFile, parseState } from '../../src/daemon/state-file.ts'
import { createFakeFiles } from '../fakes/files.ts'

const NOW = { bootId: 'boot-1', monotonicMs: 5, wallMs: 1_795_219_200_000 }
const STATE = createState(NOW)
const PATH = '/state/15-main.state'

function ground() {
  const files = createFakeFiles()
  files.putDirectory('/state')
  return { files, open: () => createStateFile(createSlotFile({ files, path: PATH, slotBytes: 16 * 1024 })) }
}

t.test('what was saved is loaded by the next run', async (t) => {
  const { open } = ground()
  t.equal(await open().load(), undefined)
  const state = { ...STATE, attempts: [NOW], pause: { since: NOW, forMs: null, by: 'anna' } }
  await open().save(state)
  t.same(await open().load(), state)
})

t.test('what has not changed is not written again', async (t) => {
  const { files, open } = ground()
  const file = open()
  await file.save(STATE)
  const writes = files.calls.length
  await file.save({ ...STATE })
  t.equal(files.calls.length, writes)
})

t.test('after a failed save the same state is written again', async (t) => {
  const { files, open } = ground()
  const file = open()
  await file.save(STATE)
  files.fail({ operation: 'overwrite', code: 'EIO', times: 1 })
  await t.rejects(file.save({ ...STATE, failuresInRow: 1 }), { code: 'EIO' })
  await file.save(STATE)
  t.same(await open().load(), STATE)
})

t.test('a torn newest slot leaves the state before', async (t) => {
  const { files, open } = ground()
  const file = open()
  await file.save(STATE)
  await file.save({ ...STATE, failuresInRow: 1 })
  await files.overwrite(PATH, 100, new Uint8Array(40))
  t.equal((await open().load())?.failuresInRow, 0)
})

const garbage: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['no JSON', '{"version":1'],
  ['null', 'null'],
  ['an array', '[]'],
  ['another version', JSON.stringify({ ...STATE, version: 2 })],
  ['an unknown mode', JSON.stringify({ ...STATE, mode: 'happy' })],
  ['an unknown cause', JSON.stringify({ ...STATE, cause: 'gremlins' })],
  ['a negative count', JSON.stringify({ ...STATE, failuresInRow: -1 })],
  ['a count that is a text', JSON.stringify({ ...STATE, fruitlessInRow: '3' })],
  ['attempts that are no list', JSON.stringify({ ...STATE, attempts: 3 })],
  ['an attempt without a time', JSON.stringify({ ...STATE, attempts: [{ bootId: 'x' }] })],
  ['a pause without a beginning', JSON.stringify({ ...STATE, pause: { forMs: 3, by: 'x' } })],
  ['a pause of a strange length', JSON.stringify({ ...STATE, pause: { since: NOW, forMs: 'long', by: 'x' } })],
  ['an incident that leads out of its directory', JSON.stringify({ ...STATE, incidentId: '../../etc' })],
  ...['version', 'mode', 'modeSince', 'attempts', 'incidentId', 'pause'].map(
    (key) => [`no ${key}`, JSON.stringify({ ...STATE, [key]: undefined })] as const,
  ),
]
for (const [name, text] of garbage) t.test(`not believed: ${name}`, async (t) => t.equal(parseState(text), undefined))

t.test('what an older version did not know has its first value', async (t) => {
  t.same(parseState(JSON.stringify({ ...STATE, attempts: [NOW], causeSince: undefined, told: undefined })), { ...STATE, attempts: [NOW] })
})
