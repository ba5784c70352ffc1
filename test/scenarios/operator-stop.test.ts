import t from 'tap'
import { createHost } from '../fakes/host.ts'
import { DATA } from '../fakes/simulated-data-directory.ts'

t.test("an operator's stop is told at once, left alone for the grace, then recovered", async (t) => {
  const host = await createHost()
  await host.stopByOperator()
  await host.rest()
  t.equal(host.mode(), 'waiting')
  t.match(
    host.mails().map(({ subject }) => subject),
    [/^\[WARNING\] db1 15-main: PostgreSQL was stopped by an operator, left alone until/],
  )
  await host.advance('170s')
  t.same(host.acts(), [])
  await host.advance('15s')
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), ['start'])
  t.equal(host.mails().length, 3)
})

t.test('an operator who starts it again in time is left in peace', async (t) => {
  const host = await createHost()
  await host.stopByOperator()
  await host.advance('2m')
  await host.startByOperator()
  await host.rest()
  await host.advance('1h')
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), [])
  t.match(
    host.mails().map(({ subject }) => subject),
    [/stopped by an operator/, /without help/],
  )
})

t.test('with hold it is never started', async (t) => {
  const host = await createHost({ yaml: 'watch: { operator_stop: { action: hold } }' })
  await host.stopByOperator()
  await host.advance('2h')
  t.equal(host.mode(), 'waiting')
  t.same(host.acts(), [])
})

t.test('while paused it is never touched, whatever becomes of it', async (t) => {
  const host = await createHost()
  t.match(await host.daemon.ask({ command: 'pause', by: 'anna' }), [{ type: 'done', ok: true }])
  await host.stopByOperator()
  await host.advance('1h')
  await host.startByOperator()
  await host.advance('1m')
  host.server.crash()
  await host.advance('2h')
  t.equal(host.mode(), 'paused')
  t.same(host.acts(), [])
  t.same(host.mails(), [])
  await host.daemon.ask({ command: 'resume', by: 'anna' })
  await host.rest()
  t.equal(host.mode(), 'healthy')
})

t.test('a pause for a time ends by itself, also when pgwatchd was started anew in between', async (t) => {
  const host = await createHost()
  await host.daemon.ask({ command: 'pause', by: 'anna', forMs: 1_800_000 })
  host.server.crash()
  await host.advance('10m')
  host.killDaemon()
  await host.startDaemon()
  host.clock.shiftWall(86_400_000)
  await host.advance('19m')
  t.equal(host.mode(), 'paused')
  await host.advance('2m')
  await host.rest()
  t.equal(host.mode(), 'healthy')
})

t.test('work in the data directory renews the grace', async (t) => {
  const host = await createHost()
  await host.stopByOperator()
  await host.advance('2m')
  host.processes.put({ pid: 800, executable: '/usr/bin/rsync', commandLine: `rsync -a ${DATA}/ backup:/srv/main/` })
  await host.advance('2h')
  t.same(host.acts(), [])
  host.processes.end(800)
  await host.advance('165s')
  t.same(host.acts(), [], 'the grace begins anew when the work has ended')
  await host.advance('30s')
  await host.rest()
  t.same(host.acts(), ['start'])
})

t.test('a package upgrade is left alone', async (t) => {
  const host = await createHost()
  host.processes.put({ pid: 801, uid: 0, executable: undefined, workingDirectory: undefined, commandLine: '/usr/bin/dpkg --configure -a' })
  await host.stopByOperator()
  await host.advance('1h')
  t.same(host.acts(), [])
  host.processes.end(801)
  await host.startByOperator()
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), [])
})

t.test('a file that another user has open is work as well, is told, and is waited for', async (t) => {
  const host = await createHost()
  await host.stopByOperator()
  await host.advance('1m')
  host.processes.put({ pid: 802, uid: 0, executable: undefined, workingDirectory: undefined, commandLine: 'borg create repo::x /var/lib' })
  host.commands.on('perl', { stdout: 'base/5/2601' })
  await host.advance('2h')
  t.same(host.acts(), [])
  const who = "another user's program (perhaps borg, pid 802; it has base/5/2601 open) works in the data directory"
  t.ok(host.mails().some(({ subject }) => subject.includes(`PostgreSQL is left alone: the server is down and ${who}`)))
})

t.test('a copy that was under way when the server crashed holds nothing up', async (t) => {
  const host = await createHost()
  host.processes.put({ pid: 803, executable: '/usr/bin/rsync', commandLine: `rsync -a ${DATA}/ backup:/srv/main/`, startTimeTicks: 1 })
  host.commands.on('perl', { stdout: 'base/5/2601' })
  await host.advance('1m')
  host.server.crash()
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), ['start'])
})
