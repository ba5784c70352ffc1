import t from 'tap'
import { createGrowthMemory } from '../../../src/probes/space/growth-memory.ts'
import { findHolders } from '../../../src/probes/space/find-holders.ts'
import { NO_SOCKET } from '../../fakes/postgres.ts'
import { CLUSTER, createFakeLook } from '../../support/fake-look.ts'

const DATA = CLUSTER.dataDirectory
const SIGNAL = new AbortController().signal
const WAL_FILE = '00000001000000000000000'

/** A cluster with `pg_wal` and a tablespace on file systems of their own. */
function makeHost() {
  const fake = createFakeLook()
  const { files, look } = fake
  files.mount('/wal', {})
  files.mount('/fast', {})
  files.erase(`${DATA}/pg_wal`)
  files.putDirectory('/wal/15/archive_status')
  files.putLink(`${DATA}/pg_wal`, '/wal/15')
  for (const digit of ['1', '2', '3']) files.put(`/wal/15/${WAL_FILE}${digit}`, '')
  files.putLink(`${DATA}/pg_tblspc/16400`, '/fast/pg')
  files.put('/fast/pg/PG_15_202209061/pgsql_tmp/pgsql_tmp812.0', new Uint8Array(100 << 20))
  files.put('/proc/self/mountinfo', '22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 8:2 / /wal rw - ext4 /dev/sdb1 rw\n')
  const find = (devices?: ReadonlySet<number>) =>
    findHolders(
      { cluster: CLUSTER, outside: look.outside, growth: createGrowthMemory(), ...(devices === undefined ? {} : { devices }) },
      SIGNAL,
    )
  return { ...fake, find, deviceOf: (path: string) => files.volumeOf(path).device }
}

t.test('each holder stands on its own file system, also when the server is down', async (t) => {
  const { find, postgres, deviceOf } = makeHost()
  postgres.onOpen('superuser', NO_SOCKET)
  const sentences = async (path: string) => (await find(new Set([deviceOf(path)]))).map(({ sentence }) => sentence)
  t.strictSame(await sentences('/wal'), ['pg_wal holds 48 MB (/wal/15)'])
  t.strictSame(await sentences('/fast'), ['temporary files of queries hold 100 MB, of which 100 MB by process 812'])
  t.strictSame(await sentences(DATA), [])
})

t.test('blocks that are reserved for root are told where giving them back is worth it', async (t) => {
  const { find, files, postgres, deviceOf } = makeHost()
  postgres.onOpen('superuser', NO_SOCKET)
  Object.assign(files.volumeOf('/wal'), { totalBytes: 100e9, reservedBytes: 5e9 })
  const [holder] = (await find(new Set([deviceOf('/wal')]))).filter(({ kind }) => kind === 'reserved-blocks')
  t.match(holder, {
    sentence: /^4\.7 GB of \/wal are reserved for root \(ext4\)$/,
    commands: [{ text: 'sudo tune2fs -m 1 /dev/sdb1', remark: /3\.7 GB/ }],
  })
  Object.assign(files.volumeOf('/wal'), { reservedBytes: 1e9 })
  t.notOk((await find()).some(({ kind }) => kind === 'reserved-blocks'))
})

t.test('a server that accepts and never answers holds nobody up', async (t) => {
  const { find, postgres, clock } = makeHost()
  postgres.onOpen('superuser', 'hang')
  const found = find()
  const state = { settled: false }
  void found.finally(() => (state.settled = true))
  const begunMs = clock.monotonicMs()
  for (await clock.settle(); !state.settled;) await clock.advance(100)
  t.ok(clock.monotonicMs() - begunMs <= 6_000)
  t.ok((await found).some(({ kind }) => kind === 'wal'))
})

t.test('what cannot be looked at hides nothing else', async (t) => {
  const { find, files, postgres } = makeHost()
  postgres.onOpen('superuser', NO_SOCKET)
  files.fail({ operation: 'list', path: '/wal/15', code: 'EIO' })
  t.match(
    (await find()).map(({ kind }) => kind),
    ['temporary-files'],
  )
})
