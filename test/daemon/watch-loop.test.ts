import t from 'tap'
import { pauseMs } from '../../src/daemon/watch-loop.ts'
import { createHost } from '../fakes/host.ts'
import { SERVER_LOG } from '../fakes/simulated-data-directory.ts'

t.test('calm while healthy, short while trouble is fresh, calm again later, never far from room on a full disk', async (t) => {
  const host = await createHost()
  const watch = host.daemon.watch()
  const now = { bootId: host.clock.bootId, monotonicMs: host.clock.monotonicMs(), wallMs: host.clock.wallMs() }
  const long = { ...now, monotonicMs: now.monotonicMs - 301_000 }
  const pause = (state: Partial<typeof watch.state>): number => pauseMs({ ...watch, state: { ...watch.state, modeSince: now, ...state } })
  t.equal(pause({ mode: 'healthy' }), 10_000)
  t.equal(pause({ mode: 'suspect', modeSince: long }), 1000)
  t.equal(pause({ mode: 'waiting' }), 1000)
  t.equal(pause({ mode: 'waiting', modeSince: long }), 10_000)
  t.equal(pause({ mode: 'waiting', modeSince: long, cause: 'disk-full' }), 3000)
  t.equal(pause({ mode: 'exhausted' }), 10_000)
  t.equal(pause({ mode: 'paused' }), 10_000)
})

t.test('the end of the held session wakes the watch at once', async (t) => {
  const host = await createHost()
  await host.advance('3s')
  const crashedMs = host.clock.monotonicMs()
  host.server.crash()
  await host.advance('200ms')
  t.ok(host.daemon.watch().lastTickMonotonicMs > crashedMs)
})

t.test('a urgent line of the log wakes the watch, an ordinary one does not', async (t) => {
  const host = await createHost()
  await host.advance('3s')
  const before = host.daemon.watch().lastTickMonotonicMs
  host.files.grow(SERVER_LOG, '2026-11-21 00:00:10 UTC [4800] LOG:  checkpoint starting: time\n')
  await host.advance('1s')
  t.equal(host.daemon.watch().lastTickMonotonicMs, before)
  host.files.grow(
    SERVER_LOG,
    '2026-11-21 00:00:10 UTC [4711] LOG:  server process (PID 4800) was terminated by signal 11: Segmentation fault\n',
  )
  await host.advance('1s')
  t.ok(host.daemon.watch().lastTickMonotonicMs > before)
})

t.test('a refusal for lack of a slot wakes a healthy watch once per interval, and hurries no confirmation', async (t) => {
  const host = await createHost({ yaml: 'watch: { failures: 20 }' })
  const refusal = '2026-11-21 00:00:10 UTC [4800] FATAL:  sorry, too many clients already\n'
  const storm = async (): Promise<number> => {
    let ticks = 0
    for (let line = 0; line < 45; line += 1) {
      const before = host.daemon.watch().lastTickMonotonicMs
      host.files.grow(SERVER_LOG, refusal)
      await host.advance('100ms')
      if (host.daemon.watch().lastTickMonotonicMs > before) ticks += 1
    }
    return ticks
  }
  await host.advance('3s')
  t.equal(await storm(), 1, 'in 4.5 s, while the application itself is served')
  await host.advance('20s')
  host.server.conditions.slotsFull = 'application'
  await host.until(() => host.mode() === 'suspect', '11s')
  const suspectedMs = host.daemon.watch().lastTickMonotonicMs
  host.files.grow(SERVER_LOG, refusal)
  await host.advance('500ms')
  t.equal(host.daemon.watch().lastTickMonotonicMs, suspectedMs, 'the first refusal after the suspicion wakes nobody')
  const ticks = await storm()
  t.ok(ticks <= 5, `${ticks} looks in 4.5 s, which the confirm interval allows`)
})

t.test('a log that is written without end costs one look in 200 ms', async (t) => {
  const host = await createHost()
  await host.advance('1s')
  const reads = (): number => host.files.calls.filter((call) => call === `read ${SERVER_LOG}`).length
  const before = reads()
  for (let line = 0; line < 200; line += 1) {
    host.files.grow(SERVER_LOG, '2026-11-21 00:00:10 UTC [4800] LOG:  duration: 12.1 ms\n')
    await host.advance('10ms')
  }
  t.ok(reads() - before <= 12, `${reads() - before} reads in 2 s`)
})

t.test('a bug in a tick is told, and the next tick looks again', async (t) => {
  const host = await createHost()
  const unhook = host.gate.hook(({ object }) => (object.endsWith('.state') ? new TypeError('a bug') : 'pass'))
  host.server.conditions.refusedLogin = true
  await host.advance('30s')
  t.match(
    host.journal.find(({ event }) => event === 'bug'),
    { level: 'err', message: /a tick failed by a bug in pgwatchd: TypeError: a bug/ },
  )
  unhook()
  await host.advance('30s')
  t.equal(host.mode(), 'waiting')
})

t.test('a stop ends the watch, its sessions and its timers', async (t) => {
  const host = await createHost()
  const stopped = host.daemon.stop()
  await host.advance('2s')
  await stopped
  t.equal(host.service.watchers, 0)
  t.equal(host.clock.pendingTimers(), 0)
})
