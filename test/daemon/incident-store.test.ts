import t from 'tap'
import { createIncidentStore } from '../../src/daemon/incident-store.ts'
import { withTimelineEntry } from '../../src/daemon/incident-timeline.ts'
import { createFakeClock } from '../fakes/clock.ts'
import { createFakeFiles, type FakeFiles } from '../fakes/files.ts'
import { createFakeLog } from '../fakes/log.ts'
import { createFakeRandom } from '../fakes/random.ts'

const DIRECTORY = '/state/incidents'
const DAY_MS = 86_400_000
const OPENING = { cluster: '15-main', cause: 'crashed' as const, verdict: 'it is gone', evidence: ['no process'], ruledOut: [] }

function ground(files?: FakeFiles) {
  const [clock, log] = [createFakeClock(Date.UTC(2026, 10, 21, 1, 44, 12)), createFakeLog()]
  const all = files ?? createFakeFiles(() => clock.wallMs())
  return {
    clock,
    log,
    files: all,
    store: createIncidentStore({ files: all, directory: DIRECTORY, clock, random: createFakeRandom(), log }),
  }
}

t.test('an incident has a folder of its own that tells its story', async (t) => {
  const { files, store, clock } = ground()
  const incident = await store.open(OPENING)
  t.match(incident.id, /^20261121T014412Z-15-main-crashed-[0-9a-f]{4}$/)
  t.equal(store.directoryOf(incident.id), `${DIRECTORY}/${incident.id}`)
  t.match(await files.status(store.directoryOf(incident.id)), { kind: 'directory', mode: 0o700 })
  t.match(await files.status(`${store.directoryOf(incident.id)}/incident.json`), { kind: 'file', mode: 0o600 })
  await clock.advance(5000)
  const closed = await store.close(withTimelineEntry(incident, { wallMs: clock.wallMs(), text: 'started' }), {
    outcome: 'recovered',
    downtimeMs: 4000,
  })
  t.same(await store.read(incident.id), closed)
  t.match(closed, { outcome: 'recovered', downtimeMs: 4000, closedAtWallMs: clock.wallMs(), timeline: [{ text: 'started' }] })
})

t.test('what a killed run left half written in its folder goes when an incident is closed, and nothing else', async (t) => {
  const { files, store } = ground()
  const incident = await store.open(OPENING)
  const folder = store.directoryOf(incident.id)
  files.put(`${folder}/.incident.json.0123456789ab.new`, '{"vers')
  files.put(`${folder}/evidence/.server.log.0123456789ab.new`, 'FATAL')
  const kept = [`${folder}/evidence/server.log`, `${folder}/moved/.pgpass.new`]
  for (const path of kept) files.put(path, 'kept')
  files.fail({ operation: 'remove', code: 'EIO', times: 1 })
  await store.close(incident, { outcome: 'recovered', downtimeMs: 0 })
  await store.close(incident, { outcome: 'recovered', downtimeMs: 0 })
  t.strictSame(
    files.paths().filter((path) => /\.new$|kept|server.log/.test(path)),
    kept,
  )
})

t.test('an incident that was opened before is taken up again', async (t) => {
  const first = ground()
  const id = '20261121T014412Z-15-main-crashed-abcd'
  await first.store.update(withTimelineEntry(await first.store.open({ ...OPENING, id }), { wallMs: 1, text: 'seen' }))
  const second = ground(first.files)
  t.match(await second.store.open({ ...OPENING, id, verdict: 'later' }), { id, verdict: 'it is gone', timeline: [{ text: 'seen' }] })
})

t.test('the timeline keeps its first 50 and its last 150 entries', async (t) => {
  const { store } = ground()
  let incident = await store.open(OPENING)
  for (let index = 0; index < 500; index += 1) incident = withTimelineEntry(incident, { wallMs: index, text: `entry ${index}` })
  t.equal(incident.timeline.length, 200)
  t.same([incident.timeline[49]?.text, incident.timeline[50]?.text, incident.timeline[199]?.text], ['entry 49', 'entry 350', 'entry 499'])
  t.equal(withTimelineEntry(incident, { wallMs: 0, text: 'x'.repeat(9999) }).timeline[199]?.text.length, 2006)
})

t.test('only ids are read, and nothing leads out of the directory', async (t) => {
  const { files, store } = ground()
  files.put('/state/incidents/../secret/incident.json', '{}')
  for (const id of ['../secret', '..', '', '20261121T014412Z-../../x', '/etc/passwd', '20261121T014412Z-a/b', '20261121T014412Z-\u0000']) {
    t.equal(await store.read(id), undefined, JSON.stringify(id))
    t.throws(() => store.directoryOf(id), /not the id/, JSON.stringify(id))
  }
})

t.test('the list is newest first and leaves out what is no incident', async (t) => {
  const { files, store, clock } = ground()
  t.same(await store.list(), [])
  const older = await store.open(OPENING)
  await clock.advance(60_000)
  const newer = await store.open({ ...OPENING, cause: 'frozen' })
  files.put(`${DIRECTORY}/20261121T000000Z-broken-0000/incident.json`, '{"version":1')
  files.put(`${DIRECTORY}/lost+found/x`, '')
  t.same(
    (await store.list()).map((incident) => incident.id),
    [newer.id, older.id],
  )
})

t.test('without room the incident lives in memory, is told once, and is written when there is room', async (t) => {
  const { files, store, log } = ground()
  files.fail({ operation: 'writeDurably', code: 'ENOSPC' })
  const incident = await store.open(OPENING)
  await store.update(withTimelineEntry(incident, { wallMs: 1, text: 'one' }))
  t.equal(log.of('incident-not-saved').length, 1)
  t.equal(store.unsaved(), 1)
  t.match(await store.read(incident.id), { timeline: [{ text: 'one' }] })
  t.equal((await store.list()).length, 1)
  files.clearFaults()
  await store.update(incident)
  t.equal(store.unsaved(), 0)
  t.match(files.textOf(`${store.directoryOf(incident.id)}/incident.json`), incident.id)
})

t.test('what is in memory only is bounded', async (t) => {
  const { files, store } = ground()
  files.fail({ operation: 'makeDirectory', code: 'EROFS' })
  for (let index = 0; index < 80; index += 1) await store.open(OPENING)
  t.equal(store.unsaved() <= 50, true)
})

t.test('pruning removes what is old or too many, never what is open or holds something young', async (t) => {
  const { files, store, clock } = ground()
  const open = async (days: number, close = true): Promise<string> => {
    clock.shiftWall(-days * DAY_MS)
    const incident = await store.open(OPENING)
    files.put(`${store.directoryOf(incident.id)}/evidence-20261121T014412Z/summary.json`, 'evidence')
    if (close) await store.close(incident, { outcome: 'recovered', downtimeMs: 1 })
    clock.shiftWall(days * DAY_MS)
    return incident.id
  }
  const stillOpen = await open(200, false)
  const old = await open(100)
  const oldWithYoungImage = await open(99)
  files.put(`${store.directoryOf(oldWithYoungImage)}/pages/16384.page`, 'image')
  const oldWithOldImage = await open(98)
  files.put(`${store.directoryOf(oldWithOldImage)}/postmaster.pid`, 'pid', { modifiedWallMs: clock.wallMs() - 98 * DAY_MS })
  const many = await open(5)
  const manyWithImage = await open(4)
  files.put(`${store.directoryOf(manyWithImage)}/20261121T014412Z-postgresql.log`, 'moved', { modifiedWallMs: 0 })
  const recent = await open(1)
  files.putDirectory(`${DIRECTORY}/20200101T000000Z-unreadable-0000`)

  const removed = await store.prune({ keepMs: 90 * DAY_MS, keepCount: 1 })
  t.same([...removed].sort(), [old, oldWithOldImage, many].sort())
  const left = (await files.list(DIRECTORY)) ?? []
  for (const id of [stillOpen, oldWithYoungImage, manyWithImage, recent, '20200101T000000Z-unreadable-0000'])
    t.equal(left.includes(id), true, id)
  t.equal(left.includes(old), false)
})

t.test('pruning removes links and leaves what they point to', async (t) => {
  const { files, store, clock } = ground()
  const incident = await store.open(OPENING)
  await store.close(incident, { outcome: 'recovered', downtimeMs: 1 })
  files.put('/var/lib/postgresql/15/main/PG_VERSION', '15')
  files.putLink(`${store.directoryOf(incident.id)}/evidence-link`, '/var/lib/postgresql/15/main')
  await clock.advance(DAY_MS)
  t.equal((await store.prune({ keepMs: 1, keepCount: 10 })).length, 1)
  t.equal(files.textOf('/var/lib/postgresql/15/main/PG_VERSION'), '15')
})
