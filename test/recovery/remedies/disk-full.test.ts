import t from 'tap'
import { readChanges } from '../../../src/recovery/changes/change-log.ts'
import { diskFullLadder } from '../../../src/recovery/remedies/disk-full/index.ts'
import type { StepContext } from '../../../src/recovery/step.ts'
import { CRASHED } from '../crashed.ts'
import { DATA, INCIDENT, makeFakeGround } from '../fake-ground.ts'

const SIGNAL = new AbortController().signal
const MEGABYTE = 1 << 20
const LOG = '/var/log/postgresql/server.log'
const INNER_BALLAST = `${DATA}/base/pgsql_tmp.pgwatchd-ballast-15-main`

/** A cluster whose data directory is a full file system of its own, with its log and the incident's folder on another. */
function makeFullDisk(changes: Partial<StepContext> = {}) {
  const fakes = makeFakeGround()
  const { files } = fakes
  let noted: Readonly<Record<string, unknown>> = {}
  const data = files.mount(DATA, { totalBytes: 1e9, availableBytes: 200 * MEGABYTE })
  files.putDirectory(`${DATA}/base`)
  files.putDirectory(`${DATA}/pg_wal`)
  files.put(LOG, 'open')
  const context: StepContext = {
    ...fakes.ground,
    assessment: { ...CRASHED, cause: 'disk-full' },
    recall: () => noted,
    note: async (added) => void (noted = added),
    ...changes,
  }
  const old = { modifiedWallMs: fakes.clock.wallMs() - 30 * 86_400_000 }
  return { ...fakes, context, data, old, fill: () => void (data.availableBytes = 0) }
}

const changesOf = async ({ outside }: StepContext) =>
  (await readChanges(outside.files, INCIDENT)).flatMap((entry) => ('change' in entry ? [entry.change] : []))

t.test('the ballast goes first, and nothing else when it suffices', async (t) => {
  const { context, files, fill, old } = makeFullDisk()
  files.put(INNER_BALLAST, new Uint8Array(150 * MEGABYTE))
  files.put(`${DATA}/core.1`, new Uint8Array(MEGABYTE), old)
  fill()
  t.match(await diskFullLadder.plan(context, SIGNAL), [
    { name: 'release-ballast', target: DATA, go: 'run', because: /data, wal \(\/data\) has 0 MB free and needs 40 MB/ },
    { name: 'remove-old-server-logs', go: 'skip' },
    { name: 'remove-core-files', go: 'run' },
  ])
  t.match(await diskFullLadder.climb(context, SIGNAL), { did: [/removed the ballast .*base\/pgsql_tmp/], unmended: [] })
  t.same(await changesOf(context), [
    { kind: 'file-removed', path: INNER_BALLAST, bytes: 150 * MEGABYTE, contents: 'noise that only took room' },
  ])
  t.ok(files.paths().includes(`${DATA}/core.1`))
})

t.test('what the ballast does not give is looked for in core files, which are kept elsewhere; old logs elsewhere stay', async (t) => {
  const { context, files, fill, old } = makeFullDisk()
  files.put(INNER_BALLAST, new Uint8Array(20 * MEGABYTE))
  for (const name of ['core.1', 'core.2']) files.put(`${DATA}/${name}`, new Uint8Array(30 * MEGABYTE), old)
  files.put(`${LOG}.1`, new Uint8Array(MEGABYTE), old)
  fill()
  const { did, unmended } = await diskFullLadder.climb(context, SIGNAL)
  t.match(did, [/removed the ballast/, /moved away the core file \/data\/core\.1/, /moved away the core file \/data\/core\.2/])
  t.same(unmended, [DATA], 'needed was given, wanted not: eight WAL files')
  t.ok(files.paths().includes(`${LOG}.1`), 'a log on another file system gives no room here')
  t.match(await changesOf(context), [{ kind: 'file-removed' }, { kind: 'file-moved', from: `${DATA}/core.1` }, { kind: 'file-moved' }])
})

t.test('no more than needed: of the old logs the oldest, never the open one nor a young one', async (t) => {
  const { context, files } = makeFullDisk({ assessment: CRASHED })
  const log = files.volumeOf(LOG)
  const days = (count: number) => ({ modifiedWallMs: context.outside.clock.wallMs() - count * 86_400_000 })
  files.put(`${LOG}.1`, new Uint8Array(50 * MEGABYTE), days(0))
  files.put(`${LOG}.2`, new Uint8Array(50 * MEGABYTE), days(20))
  files.put(`${LOG}.3`, new Uint8Array(50 * MEGABYTE), days(30))
  const room = { roles: ['data'], path: '/var', device: log.device, freeInodes: 1000, countsInodes: true, neededBytes: 40 * MEGABYTE }
  const rooms = async () => [{ ...room, wantedBytes: 40 * MEGABYTE, availableBytes: log.availableBytes }]
  log.availableBytes = 0
  const here = { ...context, space: { ...context.space, rooms } }
  t.match(await diskFullLadder.climb(here, SIGNAL), { did: [/server\.log\.3/], unmended: [] })
  t.same(
    files.paths().filter((path) => path.startsWith(LOG)),
    [LOG, `${LOG}.1`, `${LOG}.2`],
  )
})

t.test('the ballast is no help where inodes are lacking', async (t) => {
  const { context, files, data, old } = makeFullDisk()
  files.put(INNER_BALLAST, new Uint8Array(20 * MEGABYTE))
  files.put(`${DATA}/core.1`, new Uint8Array(4096), old)
  data.freeInodes = 3
  const { did, notDone } = await diskFullLadder.climb(context, SIGNAL)
  t.match(did, [/core\.1/])
  t.same(notDone, [])
  t.ok(files.paths().includes(INNER_BALLAST))
})

t.test('room is made even where the record cannot be written yet', async (t) => {
  const { context, files } = makeFullDisk()
  files.put(INNER_BALLAST, new Uint8Array(150 * MEGABYTE))
  files.volumeOf(DATA).availableBytes = 0
  files.fail({ operation: 'appendDurably', code: 'ENOSPC', times: 1 })
  t.match(await diskFullLadder.climb(context, SIGNAL), { did: [/removed the ballast/], unmended: [] })
  t.match(await changesOf(context), [{ kind: 'file-removed', path: INNER_BALLAST }], 'recorded as soon as there is room')
})

t.test('each file system gets what is on it', async (t) => {
  const { context, files, fill, data } = makeFullDisk()
  data.availableBytes = 400 * MEGABYTE
  const fast = files.mount('/fast', { totalBytes: 1e9, availableBytes: 100 * MEGABYTE })
  files.putDirectory('/fast/pg')
  files.putLink(`${DATA}/pg_tblspc/16400`, '/fast/pg')
  files.put('/fast/pg/pgsql_tmp.pgwatchd-ballast-15-main', new Uint8Array(20 * MEGABYTE))
  files.put(INNER_BALLAST, new Uint8Array(150 * MEGABYTE))
  fast.availableBytes = 0
  t.match(await diskFullLadder.climb(context, SIGNAL), { did: [/removed the ballast \/fast\/pg/], unmended: [] })
  t.ok(files.paths().includes(INNER_BALLAST))
  fill()
  t.match(await diskFullLadder.climb(context, SIGNAL), { did: [/removed the ballast \/data\/base/], unmended: [] })
})
