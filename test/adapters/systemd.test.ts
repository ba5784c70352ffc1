import t from 'tap'
import { createUnitBus } from '../../src/adapters/systemd/bus.ts'
import type { BusCall, BusConnection, BusSignal } from '../../src/adapters/systemd/connection.ts'
import { openBusConnection } from '../../src/adapters/systemd/connection.ts'
import { createSystemdManager } from '../../src/adapters/systemd/systemd-manager.ts'
import { createClock } from '../../src/adapters/clock/clock.ts'
import type { Cluster } from '../../src/core/cluster.ts'
import { OutsideError } from '../../src/ports/outside-error.ts'
import { createFakeClock } from '../fakes/clock.ts'
import { createFakeCommands } from '../fakes/commands.ts'
import { createFakeFiles } from '../fakes/files.ts'
import { createFakeProcesses } from '../fakes/processes.ts'

const UNIT = 'postgresql@15-main.service'
const PATH = '/org/freedesktop/systemd1/unit/postgresql_4015_2dmain_2eservice'
const JOB = '/org/freedesktop/systemd1/job/7'

const cluster: Cluster = {
  name: '15-main',
  majorVersion: 15,
  dataDirectory: '/var/lib/postgresql/15/main',
  binaryDirectory: '/usr/lib/postgresql/15/bin',
  socketDirectory: '/var/run/postgresql',
  port: 5432,
  configFile: '/etc/postgresql/15/main/postgresql.conf',
  logFile: '/var/log/postgresql/postgresql-15-main.log',
  serviceManager: 'systemd',
  unit: UNIT,
}

/** A bus that knows one unit; `ways` counts its connections. */
function createFakeBus() {
  const properties: Record<string, unknown> = {
    ActiveState: 'active',
    Job: [0, '/'],
    Result: 'success',
    MainPID: 4711,
    Restart: 'no',
    JobType: 'stop',
  }
  const calls: string[] = []
  let refuse = false
  let silent = false
  let current: { end: AbortController; listeners: ((signal: BusSignal) => void)[] } | undefined

  function answer(call: BusCall): readonly unknown[] {
    if (call.member === 'LoadUnit') return [PATH]
    if (call.member !== 'Get') return []
    return [[[{ type: 'v' }], [properties[String(call.body?.[1])]]]]
  }
  async function open(): Promise<BusConnection> {
    calls.push('open')
    if (refuse) throw new OutsideError({ operation: 'connect to', object: 'bus', code: 'ENOENT', reason: 'not there' })
    const made = { end: new AbortController(), listeners: [] as ((signal: BusSignal) => void)[] }
    current = made
    return {
      ended: made.end.signal,
      close: () => made.end.abort(),
      onSignal: (listener) => void made.listeners.push(listener),
      async call(call) {
        calls.push(call.member === 'Get' ? `Get ${String(call.body?.[1])}` : call.member)
        return silent ? new Promise(() => {}) : answer(call)
      },
    }
  }
  return {
    properties,
    calls,
    open,
    refuse: (value: boolean) => void (refuse = value),
    silence: (value: boolean) => void (silent = value),
    signal: (path: string) => current?.listeners.forEach((listener) => listener({ path, interface: 'p', member: 'PropertiesChanged' })),
    end: () => current?.end.abort(),
  }
}

function createManager() {
  const clock = createFakeClock()
  const fakeBus = createFakeBus()
  const bus = createUnitBus({ clock, open: fakeBus.open })
  const files = createFakeFiles()
  files.putDirectory('/run/pgwatchd')
  const processes = createFakeProcesses()
  processes.put({ pid: 4711 })
  const commands = createFakeCommands()
  commands.on('systemctl')
  const manager = createSystemdManager({ cluster, runtimeDirectory: '/run/pgwatchd', clock, files, processes, commands, bus })
  return { clock, fakeBus, bus, files, processes, commands, manager }
}

t.test('the status is read over the bus, without a process', async (t) => {
  const { manager, commands, fakeBus } = createManager()
  t.same(await manager.status(), {
    state: 'active',
    result: 'success',
    mainPid: 4711,
    job: '',
    restartsByItself: false,
    object: UNIT,
  })
  const callsOnce = fakeBus.calls.length
  await manager.status()
  t.equal(fakeBus.calls.length, callsOnce, 'a second look is answered from what is known')
  t.same(commands.requests, [])
})

t.test('a signal of the unit makes the status be read again and wakes the listener', async (t) => {
  const { manager, fakeBus, clock } = createManager()
  let wakes = 0
  const stop = manager.watch(() => void wakes++)
  await manager.status()
  Object.assign(fakeBus.properties, { ActiveState: 'failed', Result: 'signal', MainPID: 0 })
  fakeBus.signal('/org/freedesktop/systemd1/unit/other')
  t.equal((await manager.status()).state, 'active', 'another unit is not ours')
  fakeBus.signal(PATH)
  t.equal(wakes, 1)
  t.match(await manager.status(), { state: 'failed', result: 'signal', mainPid: 0 })
  stop()
  fakeBus.signal(PATH)
  t.equal(wakes, 1)
  await clock.settle()
})

t.test('an active state is not believed when its main process is gone', async (t) => {
  const { manager, fakeBus, processes } = createManager()
  await manager.status()
  Object.assign(fakeBus.properties, { ActiveState: 'deactivating', MainPID: 0 })
  t.equal((await manager.status()).state, 'active')
  processes.put({ pid: 4711, state: 'Z' })
  t.equal((await manager.status()).state, 'deactivating')
})

t.test('a queued job is named by its type', async (t) => {
  const { manager, fakeBus } = createManager()
  Object.assign(fakeBus.properties, { ActiveState: 'deactivating', Job: [7, JOB], Restart: 'on-failure' })
  t.match(await manager.status(), { job: 'stop', restartsByItself: true })
})

t.test('a lost signal is made good after a minute', async (t) => {
  const { manager, fakeBus, clock } = createManager()
  await manager.status()
  fakeBus.properties['ActiveState'] = 'inactive'
  await clock.advance(60_000)
  t.equal((await manager.status()).state, 'inactive')
})

t.test('without the bus systemctl is asked, at most every 2 s', async (t) => {
  const { manager, fakeBus, commands, clock } = createManager()
  fakeBus.refuse(true)
  commands.on((request) => request.arguments.includes('show'), {
    stdout: 'Restart=no\nMainPID=12\nResult=success\nActiveState=activating\nJob=99\n',
  })
  commands.on((request) => request.arguments.includes('list-jobs'), { stdout: `99 ${UNIT} start running\n` })
  t.match(await manager.status(), { state: 'activating', mainPid: 12, job: 'start' })
  await manager.status()
  t.equal(commands.requests.length, 2, 'one show and one list-jobs')
  await clock.advance(2_000)
  await manager.status()
  t.equal(commands.requests.length, 4)
})

t.test('when neither answers, the state is unknown', async (t) => {
  const { manager, fakeBus, commands } = createManager()
  fakeBus.refuse(true)
  commands.onMissing('systemctl', 'EAGAIN')
  t.match(await manager.status(), { state: 'unknown', mainPid: 0, object: UNIT })
})

t.test('a bus that does not answer costs its deadline', async (t) => {
  const { manager, fakeBus, commands, clock } = createManager()
  fakeBus.silence(true)
  commands.on('systemctl', { exitCode: 1 })
  const asked = manager.status()
  await clock.advance(1_000)
  t.equal((await asked).state, 'unknown')
})

t.test('a lost connection is taken up again with growing pauses, and listeners are told', async (t) => {
  const { manager, fakeBus, clock } = createManager()
  let wakes = 0
  manager.watch(() => void wakes++)
  await manager.status()
  fakeBus.refuse(true)
  fakeBus.end()
  t.equal(wakes, 1, 'the loss')
  await clock.advance(500)
  await clock.advance(1_000)
  t.equal(fakeBus.calls.filter((call) => call === 'open').length, 3, 'tried after 0.5 s and 1 s')
  fakeBus.refuse(false)
  fakeBus.properties['ActiveState'] = 'failed'
  await clock.advance(2_000)
  t.ok(wakes >= 2, 'the return')
  t.equal((await manager.status()).state, 'failed')
  t.ok(fakeBus.calls.lastIndexOf('AddMatch') > fakeBus.calls.lastIndexOf('Subscribe'), 'subscribed anew')
})

t.test('after close nothing is connected or armed', async (t) => {
  const { manager, bus, fakeBus, clock } = createManager()
  manager.watch(() => {})
  await manager.status()
  await manager.close()
  await bus.close()
  await clock.settle()
  t.equal(clock.pendingTimers(), 0)
  const opened = fakeBus.calls.filter((call) => call === 'open').length
  t.equal(opened, 1)
})

t.test('requests are systemctl on the one unit, never asking for a password', async (t) => {
  const { manager, commands } = createManager()
  await manager.start(1_000)
  await manager.stop('smart', 1_000)
  await manager.stop('fast', 1_000)
  await manager.stop('immediate', 1_000)
  await manager.killAll(1_000)
  await manager.clearFailure(1_000)
  t.same(commands.lines(), [
    `systemctl --no-ask-password start --no-block ${UNIT}`,
    `systemctl --no-ask-password kill --kill-whom=main --signal=SIGTERM ${UNIT}`,
    `systemctl --no-ask-password stop ${UNIT}`,
    `systemctl --no-ask-password kill --kill-whom=main --signal=SIGQUIT ${UNIT}`,
    `systemctl --no-ask-password kill --signal=SIGKILL ${UNIT}`,
    `systemctl --no-ask-password reset-failed ${UNIT}`,
  ])
})

t.test('outcomes are told in words', async (t) => {
  const { manager, commands } = createManager()
  commands.on('systemctl', { exitCode: 1, stderr: 'Failed to start: Interactive authentication required.\nSee logs.' })
  t.match(await manager.start(1_000), { ok: false, timedOut: false, detail: /Interactive authentication required\.$/ })
  commands.on('systemctl', { exitCode: undefined, outcome: 'timed-out' })
  t.match(await manager.stop('fast', 1_000), { ok: false, timedOut: true, detail: /within 1000 ms; the job goes on/ })
  commands.on('systemctl', { exitCode: 1, stderr: `Failed to reset failed state of unit ${UNIT}: Unit ${UNIT} not loaded.` })
  t.match(await manager.clearFailure(1_000), { ok: true })
  commands.onMissing('systemctl', 'EAGAIN')
  t.match(await manager.killAll(1_000), { ok: false, timedOut: false, detail: /systemctl/ })
})

t.test('the hold is a file named as the unit drop-in asserts', async (t) => {
  const { manager, files } = createManager()
  await manager.hold()
  await manager.hold()
  t.ok(files.paths().includes('/run/pgwatchd/hold-15-main'))
  await manager.release()
  await manager.release()
  t.notOk(files.paths().includes('/run/pgwatchd/hold-15-main'))
})

t.test('a bus that is not there rejects every call, and at once', async (t) => {
  const connection = await openBusConnection('/nonexistent/bus', createClock())
  const call: BusCall = { destination: 'd', path: '/', interface: 'i', member: 'Ping' }
  await t.rejects(connection.call(call, 5_000), { name: 'OutsideError', code: 'aborted' })
  await t.rejects(connection.call(call, 5_000), { name: 'OutsideError', code: 'aborted' })
})
