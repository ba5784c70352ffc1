import t from 'tap'
import { tick } from '../../src/daemon/tick.ts'
import { createHost } from '../fakes/host.ts'
import { DATA, SERVER_LOG } from '../fakes/simulated-data-directory.ts'

t.test('a tick does nothing while a recovery is under way', async (t) => {
  const host = await createHost()
  host.server.conditions.redoMs = 30_000
  host.server.crash()
  await host.advance('5s')
  const before = host.daemon.watch().lastTickMonotonicMs
  await tick(host.daemon.watch())
  t.equal(host.daemon.watch().lastTickMonotonicMs, before)
})

t.test('a recovery that never began is given up, not waited for', async (t) => {
  const host = await createHost()
  const watch = host.daemon.watch()
  watch.state = { ...watch.state, mode: 'recovering', incidentId: '20261121T000000Z-15-main-crashed-0000' }
  await host.advance('1m')
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), [])
})

t.test('a filling disk is a warning, told once when it comes and once when it is over', async (t) => {
  const host = await createHost()
  const volume = host.files.volumeOf(DATA)
  volume.availableBytes = volume.totalBytes * 0.15
  await host.advance('10m')
  t.match(
    host.mails().map(({ subject }) => subject),
    [/^\[WARNING\].*disk: data.* 85 % used/],
  )
  volume.availableBytes = volume.totalBytes * 0.5
  await host.advance('1m')
  t.match(host.mails().at(-1)?.subject, /^\[INFO\].*over: disk/)
  t.equal(host.mails().length, 2)
})

t.test('a warning that came in trouble is told to be over, too', async (t) => {
  const host = await createHost()
  const volume = host.files.volumeOf(DATA)
  host.server.conditions.refusedLogin = true
  volume.availableBytes = volume.totalBytes * 0.15
  await host.advance('1m')
  volume.availableBytes = volume.totalBytes * 0.5
  host.server.conditions.refusedLogin = false
  await host.advance('1m')
  t.ok(host.mails().some(({ subject }) => /over: disk/.test(subject)))
})

t.test('since when it is healthy begins anew after trouble', async (t) => {
  const host = await createHost()
  const first = host.daemon.watch().healthySinceWallMs
  await host.advance('1m')
  t.equal(host.daemon.watch().healthySinceWallMs, first)
  host.server.crash()
  await host.rest()
  t.ok((host.daemon.watch().healthySinceWallMs ?? 0) > (first ?? Infinity))
})

t.test('damage that only the log names, and the disk does not show, starts nothing: anybody can write to the log', async (t) => {
  const host = await createHost()
  host.files.grow(SERVER_LOG, '2026-11-21 00:00:10 UTC [4800] WARNING:  page verification failed, calculated checksum 1 but expected 2\n')
  host.files.grow(SERVER_LOG, '2026-11-21 00:00:10 UTC [4800] ERROR:  invalid page in block 3 of relation base/16384/16471\n')
  await host.advance('10m')
  t.equal(host.mode(), 'healthy')
  t.notOk(host.events().includes('mode-recovering'))
  t.same(host.acts(), [])
})

t.test('a crash of one server process, which PostgreSQL mends by itself, is told once as a warning', async (t) => {
  const host = await createHost()
  host.files.grow(SERVER_LOG, '2026-11-21 00:00:10 UTC [4800] LOG:  server process (PID 4811) was terminated by signal 9: Killed\n')
  host.server.onEnd()
  await host.advance('10m')
  t.equal(host.mails().filter(({ subject }) => subject.includes('a server process crashed')).length, 1)
  t.same(host.acts(), [])
})

t.test('observing only, a crash is told and nothing is done', async (t) => {
  const host = await createHost({ yaml: 'recovery: { mode: observe }' })
  host.server.crash()
  await host.advance('30m')
  t.equal(host.mode(), 'waiting')
  t.same(host.acts(), [])
  t.equal(host.mails().length, 1)
  await host.startByOperator()
  await host.rest()
  t.equal(host.mode(), 'healthy')
})
