import t from 'tap'
import { createPgCtlManager } from '../../src/adapters/pg-ctl/pg-ctl-manager.ts'
import { startCommand } from '../../src/adapters/pg-ctl/start-command.ts'
import type { Cluster } from '../../src/core/cluster.ts'
import { createFakeClock } from '../fakes/clock.ts'
import { createFakeCommands } from '../fakes/commands.ts'
import { createFakeFiles } from '../fakes/files.ts'
import { createFakeProcesses } from '../fakes/processes.ts'

const DATA = '/srv/pg/data'

const cluster: Cluster = {
  name: 'demo',
  majorVersion: 15,
  dataDirectory: DATA,
  binaryDirectory: '/usr/lib/postgresql/15/bin',
  socketDirectory: '/srv/pg',
  port: 5601,
  configFile: '',
  logFile: '/srv/pg/log',
  serviceManager: 'pg_ctl',
  unit: '',
}

const pidFile = (pid: number, word: string) => `${pid}\n${DATA}\n1795218747\n5601\n/srv/pg\n\n  2188317        14\n${word}\n`

function createManager(running = true) {
  const clock = createFakeClock()
  const files = createFakeFiles()
  files.putDirectory('/run/pgwatchd')
  files.putDirectory(DATA)
  const processes = createFakeProcesses()
  const commands = createFakeCommands()
  commands.on('pg_ctl')
  commands.on('setpriv')
  if (running) {
    files.put(`${DATA}/postmaster.pid`, pidFile(100, 'ready   '))
    processes.putPostgres(DATA, { pid: 101, parentPid: 100, commandLine: 'postgres: demo: checkpointer ' })
    processes.putPostgres(DATA, { pid: 102, parentPid: 100 })
    processes.putPostgres(DATA, { pid: 100, parentPid: 1 })
  }
  const manager = createPgCtlManager({ cluster, runtimeDirectory: '/run/pgwatchd', clock, files, processes, commands })
  return { manager, clock, files, processes, commands }
}

t.test('the status is told from processes and the pid file', async (t) => {
  const { manager, files, processes } = createManager()
  t.same(await manager.status(), { state: 'active', result: '', mainPid: 100, job: '', restartsByItself: false, object: DATA })
  files.put(`${DATA}/postmaster.pid`, pidFile(100, 'starting'))
  t.equal((await manager.status()).state, 'activating')
  files.put(`${DATA}/postmaster.pid`, pidFile(100, 'stopping'))
  t.equal((await manager.status()).state, 'deactivating')
  for (const pid of [100, 101, 102]) processes.end(pid)
  t.match(await manager.status(), { state: 'failed', mainPid: 0 }, 'a pid file without a postmaster tells of a crash')
  files.erase(`${DATA}/postmaster.pid`)
  t.equal((await manager.status()).state, 'inactive')
})

t.test('the postmaster is never taken from the pid file', async (t) => {
  const { manager, processes, files } = createManager(false)
  files.put(`${DATA}/postmaster.pid`, pidFile(500, 'ready   '))
  processes.put({ pid: 500 })
  t.match(await manager.status(), { state: 'failed', mainPid: 0 })
  await manager.stop('fast', 1_000)
  await manager.killAll(1_000)
  t.same(processes.signals, [], 'the stranger is left alone')
})

t.test('orphans and a single-user server are no postmaster', async (t) => {
  const { manager, processes } = createManager(false)
  processes.putPostgres(DATA, { pid: 201, parentPid: 1, commandLine: 'postgres: demo: app app [local] SELECT' })
  processes.putPostgres(DATA, { pid: 202, parentPid: 1, commandLine: `/usr/lib/postgresql/15/bin/postgres --single -D ${DATA}` })
  t.match(await manager.status(), { state: 'failed', mainPid: 0 })
  t.match(await manager.stop('fast', 1_000), { ok: false, detail: /orphaned/ })
  t.match(await manager.killAll(1_000), { ok: true })
  t.same(processes.signals.map(({ pid }) => pid).sort(), [201, 202])
})

t.test('another process with the remembered pid is not taken for the postmaster', async (t) => {
  const { manager, processes } = createManager()
  await manager.status()
  for (const pid of [101, 102]) processes.end(pid)
  processes.put({ pid: 100, startTimeTicks: 999_999 })
  t.match(await manager.status(), { state: 'failed', mainPid: 0 })
})

t.test('each way of stopping is its signal to the postmaster alone, and waits until all are gone', async (t) => {
  for (const [mode, signal] of [
    ['smart', 'SIGTERM'],
    ['fast', 'SIGINT'],
    ['immediate', 'SIGQUIT'],
  ] as const) {
    const { manager, clock, processes } = createManager()
    const stopping = manager.stop(mode, 5_000)
    await clock.advance(100)
    t.same(
      processes.signals.map(({ pid, signal }) => ({ pid, signal })),
      [{ pid: 100, signal }],
    )
    for (const pid of [100, 101, 102]) processes.end(pid)
    await clock.advance(100)
    t.match(await stopping, { ok: true, timedOut: false })
    t.equal(clock.pendingTimers(), 0)
  }
})

t.test('a stop that is not done in time says which processes are left', async (t) => {
  const { manager, clock, processes } = createManager()
  processes.putPostgres(DATA, { pid: 100, parentPid: 1, state: 'D' })
  const stopping = manager.stop('fast', 300)
  await clock.advance(400)
  t.match(await stopping, { ok: false, timedOut: true, detail: /100 \(D\)/ })
})

t.test('an aborted stop returns at once and is no timeout', async (t) => {
  const { manager, clock } = createManager()
  const abort = new AbortController()
  const stopping = manager.stop('fast', 60_000, abort.signal)
  abort.abort()
  await clock.settle()
  t.match(await stopping, { ok: false, timedOut: false })
})

t.test('killing takes the postmaster first, then every child, and children that appear meanwhile', async (t) => {
  const { manager, clock, processes } = createManager()
  processes.onSignal = ({ pid }) => {
    processes.end(pid)
    if (pid === 100) processes.putPostgres(DATA, { pid: 103, parentPid: 1, commandLine: 'postgres: demo: walwriter ' })
  }
  const killing = manager.killAll(1_000)
  await clock.advance(100)
  t.match(await killing, { ok: true })
  t.equal(processes.signals[0]?.pid, 100)
  t.same(processes.signals.map(({ pid }) => pid).sort(), [100, 101, 102, 103])
})

t.test('a held service is not started', async (t) => {
  const { manager, commands } = createManager(false)
  await manager.hold()
  t.match(await manager.start(1_000), { ok: false, detail: /hold-demo/ })
  t.same(commands.requests, [])
  await manager.release()
  t.match(await manager.start(1_000), { ok: true })
  t.equal(commands.requests.length, 1)
})

t.test('a refused start is told in the words of pg_ctl', async (t) => {
  const { manager, commands } = createManager(false)
  const program = process.getuid?.() === 0 ? 'setpriv' : 'pg_ctl'
  commands.on(program, { exitCode: 1, stderr: `pg_ctl: the PID file "${DATA}/postmaster.pid" is empty\n` })
  t.match(await manager.start(1_000), { ok: false, timedOut: false, detail: /is empty$/ })
  commands.onMissing(program)
  t.match(await manager.start(1_000), { ok: false, timedOut: false })
})

t.test('the start command detaches, names a log and quotes for the shell of pg_ctl', async (t) => {
  const plain = startCommand(cluster, 1_000, undefined)
  t.equal(plain.file, '/usr/lib/postgresql/15/bin/pg_ctl')
  t.same(plain.arguments, ['start', '--no-wait', '--pgdata', DATA, '--log', '/srv/pg/log'])
  t.notMatch(Object.keys(plain.environment ?? {}), ['NOTIFY_SOCKET'])
  const asRoot = startCommand({ ...cluster, configFile: "/etc/it's/postgresql.conf", logFile: '' }, 1_000, { uid: 103, gid: 110 })
  t.equal(asRoot.file, 'setpriv')
  t.same(asRoot.arguments.slice(0, 4), ['--reuid=103', '--regid=110', '--init-groups', '--'])
  t.same(asRoot.arguments.slice(-4), ['--log', `${DATA}/server.log`, '--options', `-c config_file='/etc/it'\\''s/postgresql.conf'`])
})

t.test('the pid file is watched until told otherwise', async (t) => {
  const { manager, files } = createManager()
  let wakes = 0
  const stop = manager.watch(() => void wakes++)
  await files.remove(`${DATA}/postmaster.pid`)
  t.equal(wakes, 1)
  stop()
  await files.writeDurably(`${DATA}/postmaster.pid`, pidFile(100, 'ready'), 0o600)
  t.equal(wakes, 1)
  await manager.close()
})
