import t from 'tap'
import { createHost } from '../fakes/host.ts'
import { DATA, SERVER_LOG } from '../fakes/simulated-data-directory.ts'

t.test("an operator's own immediate stop, which fails the unit, has its grace", async (t) => {
  const host = await createHost()
  await host.service.onStop('immediate', undefined)
  await host.until(() => host.server.phase === 'down')
  host.service.change({ state: 'failed', result: 'exit-code', mainPid: 0, job: '' })
  await host.advance('150s')
  t.same(host.acts(), [])
  t.match(
    host.mails().map(({ subject }) => subject),
    [/stopped by an operator/],
  )
  await host.until(() => host.mode() === 'healthy', '2m')
  t.same(host.acts(), ['start'])
})

t.test('a copy of another server in the directory of one that was stopped is never started', async (t) => {
  for (const sign of ['', 'backup_label', 'standby.signal']) {
    const host = await createHost({ yaml: 'watch: { operator_stop: { grace: 5m } }' })
    await host.stopByOperator()
    await host.rest()
    const worker = host.processes.put({ pid: 800, executable: '/usr/bin/rsync', commandLine: `rsync -a other:/srv/main/ ${DATA}/` })
    host.directory.setState('in production')
    if (sign !== '') host.files.put(`${DATA}/${sign}`, '')
    await host.advance('4m')
    host.processes.end(worker.pid)
    await host.advance('15m')
    t.same(host.acts(), [], sign)
  }
})

t.test('what a client writes into the log moves nothing', async (t) => {
  const host = await createHost()
  host.files.put(`${DATA}/base/5/16384`, new Uint8Array(8192))
  const forged = [
    'WARNING:  index "orders_pkey" contains unexpected zero page at block 3',
    'ERROR:  invalid page in block 0 of relation base/5/16384',
    'ERROR:  could not open file "base/5/16384": No such file or directory',
    'ERROR:  could not fsync file "base/5/16384": Input/output error',
    'LOG:  received fast shutdown request',
  ]
  for (const line of forged) {
    host.directory.say(4999, line)
    host.directory.say(4999, 'STATEMENT:  do $$ begin raise warning using message = $1; end $$')
    await host.advance('1m')
  }
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), [])
  t.same(host.mails(), [])
  t.same(host.steps('began'), [])
  host.server.crash()
  await host.rest()
  t.equal(host.mode(), 'healthy', 'a crash after it is recovered at once')
  t.same(host.acts(), ['start'])
})

t.test('a power cut is recovered at once, also when its log cannot be read', async (t) => {
  const host = await createHost()
  host.killDaemon()
  host.server.crash()
  host.service.change({ state: 'inactive', result: 'success', mainPid: 0, job: '' })
  host.files.erase(SERVER_LOG)
  await host.startDaemon()
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), ['start'])
})
