import t from 'tap'
import { tendBallast } from '../../src/daemon/ballast.ts'
import type { Watch } from '../../src/daemon/watch.ts'
import { createFakeClock } from '../fakes/clock.ts'
import { createFakeFiles } from '../fakes/files.ts'
import { createFakeLog } from '../fakes/log.ts'

const UNIT_BYTES = 10_240
const PATH = '/data/.pgwatchd-ballast-15-main'

function watching(ballastBytes: number, volumeBytes = 1_000 * UNIT_BYTES) {
  const files = createFakeFiles()
  files.mount('/data', { totalBytes: volumeBytes, availableBytes: volumeBytes })
  files.put('/data/main/PG_VERSION', '15\n')
  files.put('/data/main/pg_wal/000000010000000000000001', '')
  const log = createFakeLog()
  const clock = createFakeClock()
  const watch = {
    cluster: { name: '15-main', dataDirectory: '/data/main', logFile: '' },
    outside: { files, log, clock },
    settings: {
      recovery: { disk: { ballastBytes, walBallastBytes: 0, tablespaceBallastBytes: ballastBytes / 2 } },
      probes: { disk: { warnRatio: 0.8 } },
    },
    state: { mode: 'healthy' },
    abort: new AbortController().signal,
    ballastSaid: new Map(),
    ballastLeft: undefined,
  }
  return { watch: watch as unknown as Watch, files, log, clock }
}

t.test('it is laid with real blocks, once', async (t) => {
  const { watch, files, log } = watching(100 * UNIT_BYTES)
  await tendBallast(watch)
  await tendBallast(watch)
  t.equal((await files.status(PATH))?.allocatedBytes, 100 * UNIT_BYTES)
  t.equal((await files.status(PATH))?.mode, 0o600)
  t.equal(log.entries.length, 1)
})

t.test('while it is as it was left, a round costs one question to each file; a missing one is laid again', async (t) => {
  const { watch, files } = watching(100 * UNIT_BYTES)
  await tendBallast(watch)
  const before = files.calls.length
  await tendBallast(watch)
  t.strictSame(files.calls.slice(before), [`status ${PATH}`])
  files.erase(PATH)
  await tendBallast(watch)
  t.equal((await files.status(PATH))?.allocatedBytes, 100 * UNIT_BYTES)
})

t.test('that is believed for ten minutes: then a further file system is found', async (t) => {
  const { watch, files, clock } = watching(100 * UNIT_BYTES)
  await tendBallast(watch)
  files.mount('/fast', { totalBytes: 1_000 * UNIT_BYTES, availableBytes: 1_000 * UNIT_BYTES })
  files.putDirectory('/fast/pg')
  files.putLink('/data/main/pg_tblspc/16400', '/fast/pg')
  const isLaid = (): boolean => files.paths().some((path) => path.startsWith('/fast/pg/pgsql_tmp'))
  await clock.advance(599_999)
  await tendBallast(watch)
  t.notOk(isLaid())
  await clock.advance(1)
  await tendBallast(watch)
  t.ok(isLaid())
})

t.test('what could not be laid is tried again at each round', async (t) => {
  const { watch, files } = watching(900 * UNIT_BYTES)
  await tendBallast(watch)
  files.mount('/data', { totalBytes: 9_000 * UNIT_BYTES, availableBytes: 9_000 * UNIT_BYTES })
  await tendBallast(watch)
  t.equal((await files.status(PATH))?.allocatedBytes, 900 * UNIT_BYTES)
})

t.test('it is not laid where the volume would reach its warning limit by it', async (t) => {
  const { watch, files } = watching(900 * UNIT_BYTES)
  await tendBallast(watch)
  t.equal(await files.status(PATH), undefined)
})

t.test('it is not laid in the middle of trouble', async (t) => {
  const { watch, files } = watching(100 * UNIT_BYTES)
  await tendBallast({ ...watch, state: { ...watch.state, mode: 'waiting' } })
  t.equal(await files.status(PATH), undefined)
})

t.test('one that is no longer configured is removed, one of another size is laid anew', async (t) => {
  const { watch, files } = watching(100 * UNIT_BYTES)
  await tendBallast(watch)
  const smaller = watching(50 * UNIT_BYTES)
  await tendBallast({ ...smaller.watch, outside: watch.outside })
  t.equal((await files.status(PATH))?.allocatedBytes, 50 * UNIT_BYTES)
  await tendBallast({ ...watching(0).watch, outside: watch.outside })
  t.equal(await files.status(PATH), undefined)
})

t.test('a disk in trouble is said once', async (t) => {
  const { watch, files, log } = watching(100 * UNIT_BYTES)
  files.fail({ operation: 'allocate', code: 'EIO' })
  await tendBallast(watch)
  files.fail({ operation: 'allocate', code: 'EIO' })
  await tendBallast(watch)
  t.match(log.entries, [{ level: 'warning', event: 'ballast', message: /could not be laid/ }])
})

t.test('every file system has its own: that of pg_wal, and that of a tablespace', async (t) => {
  const { watch, files } = watching(100 * UNIT_BYTES)
  for (const path of ['/wal', '/fast']) files.mount(path, { totalBytes: 1_000 * UNIT_BYTES, availableBytes: 1_000 * UNIT_BYTES })
  files.erase('/data/main/pg_wal')
  files.putDirectory('/wal/15')
  files.putLink('/data/main/pg_wal', '/wal/15')
  files.putDirectory('/fast/pg')
  files.putLink('/data/main/pg_tblspc/16400', '/fast/pg')
  files.putDirectory('/data/other')
  files.putLink('/data/main/pg_tblspc/16401', '/data/other')
  await tendBallast(watch)
  const sizeOf = async (path: string) => (await files.status(path))?.allocatedBytes
  t.equal(await sizeOf(PATH), 100 * UNIT_BYTES)
  t.equal(await sizeOf('/wal/.pgwatchd-ballast-15-main'), 100 * UNIT_BYTES)
  t.equal(await sizeOf('/fast/pg/pgsql_tmp.pgwatchd-ballast-15-main'), 50 * UNIT_BYTES)
  t.equal(files.paths().filter((path) => path.includes('ballast')).length, 3)
})

t.test('where the directory beside is another file system, or closed, it lies inside', async (t) => {
  const { watch, files } = watching(100 * UNIT_BYTES)
  files.mount('/data/main', { totalBytes: 1_000 * UNIT_BYTES, availableBytes: 1_000 * UNIT_BYTES })
  files.putDirectory('/data/main/base')
  await tendBallast(watch)
  t.same(
    files.paths().filter((path) => path.includes('ballast')),
    ['/data/main/base/pgsql_tmp.pgwatchd-ballast-15-main'],
  )
  const closed = watching(100 * UNIT_BYTES)
  closed.files.putDirectory('/data/main/base')
  closed.files.fail({ operation: 'allocate', path: PATH, code: 'EACCES' })
  await tendBallast(closed.watch)
  await tendBallast(closed.watch)
  t.same(
    closed.files.paths().filter((path) => path.includes('ballast')),
    ['/data/main/base/pgsql_tmp.pgwatchd-ballast-15-main'],
  )
  t.equal(closed.log.entries.length, 1)
})
