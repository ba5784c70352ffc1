import { connect } from 'node:net'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Readings } from '../../src/core/reading.ts'
import type { Session } from '../../src/ports/postgres.ts'
import { connection } from '../../src/probes/connection.ts'
import { runProbes } from '../../src/probes/run-probes.ts'
import { runSetup, setupStatements } from '../../src/probes/setup-database.ts'
import { makeCluster } from '../support/cluster.ts'
import type { TestCluster } from '../support/cluster.ts'
import { waitUntil } from '../support/cluster-processes.ts'
import { connectTo, makeLook } from '../support/look.ts'

// A machine that runs other tests at the same time is slow; no time is judged here.
t.setTimeout(300_000)

/** "pass pass fail:timeout unknown:no-ground …" in the order of the probes. */
function summarize(readings: Readings): string {
  return Object.values(readings)
    .map(({ verdict, reason }) => (reason === undefined ? verdict : `${verdict}:${reason}`))
    .join(' ')
}

async function setUp(made: TestCluster, database = 'app', user: string | undefined = 'app'): Promise<void> {
  const outcome = await runSetup({
    postgres: connectTo(made),
    database,
    statements: setupStatements(user),
    timeoutMs: 10_000,
    report: () => {},
  })
  if (!outcome.ok) throw new Error(outcome.failure.message)
}

async function openSession(made: TestCluster, role: 'superuser' | 'application' = 'superuser'): Promise<Session> {
  const opened = await connectTo(made).open({ role, timeoutMs: 10_000, purpose: 'test' })
  if (!opened.ok) throw new Error(opened.failure.message)
  return opened.value
}

const ALL_WELL = 'pass pass pass pass pass pass'
const NOT_SERVED = 'unknown:no-ground unknown:no-ground pass unknown:no-ground'

t.test('a server with an application user', async (t) => {
  const made = await makeCluster(t, { authentication: 'scram-sha-256' })
  const { look, memory, log } = makeLook(t, made)

  t.test('without the ring there is nothing to write to, and nothing fails', async (t) => {
    const readings = await runProbes(look)
    t.equal(summarize(readings), 'pass pass pass pass pass unknown:not-set-up')
    t.match(readings.write.detail, /setup-database/)
    await setUp(made)
    t.equal(summarize(await runProbes(look)), ALL_WELL)
  })

  t.test('the look leaves the held session and nothing else', async (t) => {
    await waitUntil(
      'one session',
      async () => (await made.psql(`select count(*) from pg_stat_activity where application_name like 'pgwatchd/%'`)) === '1',
    )
    t.equal(
      await made.psql(`select application_name, usename from pg_stat_activity where application_name like 'pgwatchd/%'`),
      'pgwatchd/watch|postgres',
    )
    t.equal(memory.applicationSession, undefined)
    t.strictSame(log.entries, [])
  })

  t.test('a wrong password, a missing database, a role that may not log in', async (t) => {
    const wrong = makeLook(t, made, { application: { password: async () => 'wrong' } })
    const readings = await runProbes(wrong.look)
    t.equal(summarize(readings), 'pass pass fail:rejected unknown:no-ground pass unknown:no-ground')
    t.match(readings.authentication.evidence, { sqlState: '28P01', stage: 'connect' })
    t.notMatch(JSON.stringify(readings), /wrong|horse/)
    const none = makeLook(t, made, { application: { password: async () => undefined } })
    t.match((await runProbes(none.look)).authentication, { reason: 'unreachable', evidence: { hint: /none is configured/ } })
    const missing = makeLook(t, made, { application: { database: 'nowhere' } })
    t.match((await runProbes(missing.look)).authentication.evidence, { sqlState: '3D000' })
    await made.psql('alter role app nologin')
    t.match((await runProbes(look)).authentication.evidence, { sqlState: '28000' })
    await made.psql('alter role app login; revoke connect on database app from public')
    t.match((await runProbes(look)).authentication.evidence, { sqlState: '42501' })
    await made.psql('grant connect on database app to public')
  })

  t.test('read-only for the application', async (t) => {
    await made.psql('alter role app set default_transaction_read_only = on')
    const readings = await runProbes(look)
    t.equal(summarize(readings), 'pass pass pass pass pass fail:in-recovery')
    t.equal(readings.write.evidence['sqlState'], '25006')
    await made.psql('alter role app reset default_transaction_read_only')
  })

  t.test('a commit that need not be durable for the application is durable for the probe', async (t) => {
    await made.psql('alter role app set synchronous_commit = off')
    const opened = await connectTo(made).open({
      role: 'application',
      timeoutMs: 2000,
      purpose: 'test',
      settings: { synchronous_commit: 'on' },
    })
    t.ok(opened.ok)
    if (!opened.ok) return
    const answer = await opened.value.query({ text: 'show synchronous_commit', timeoutMs: 2000 })
    t.strictSame(answer.ok && answer.value, [{ synchronous_commit: 'on' }])
    await opened.value.close()
    await made.psql('alter role app reset synchronous_commit')
  })

  t.test('slower than the limit', async (t) => {
    const readings = await runProbes(makeLook(t, made, { settings: { latencyLimitMs: 0 } }).look)
    t.equal(summarize(readings), 'pass pass pass fail:too-slow pass pass')
  })

  t.test('a write that waits for a lock times out, and its backend does not stay', async (t) => {
    const blocker = await openSession(made, 'superuser')
    const inApp = await connectTo(made).open({ role: 'superuser', database: 'app', timeoutMs: 5000, purpose: 'blocker' })
    t.ok(inApp.ok)
    if (!inApp.ok) return
    await inApp.value.query({ text: 'begin; lock table pgwatchd.ring', timeoutMs: 2000 })
    const readings = await runProbes({ ...look, settings: { ...look.settings, timeoutMs: { ...look.settings.timeoutMs, write: 300 } } })
    t.equal(summarize(readings), 'pass pass pass pass pass fail:timeout')
    await waitUntil(
      'the blocked backend notices that its client is gone',
      async () => (await made.psql(`select count(*) from pg_stat_activity where application_name = 'pgwatchd/probe'`)) === '0',
    )
    await inApp.value.close()
    await blocker.close()
  })

  t.test('every slot is taken: the superuser still gets in, the application is refused', async (t) => {
    const sessions: Session[] = []
    for (let refused = false; !refused;) {
      const opened = await connectTo(made).open({ role: 'application', timeoutMs: 5000, purpose: 'crowd' })
      if (opened.ok) sessions.push(opened.value)
      else refused = opened.failure.sqlState === '53300'
    }
    const readings = await runProbes(look)
    t.equal(summarize(readings), 'pass pass fail:rejected unknown:no-ground pass unknown:no-ground')
    t.equal(readings.authentication.evidence['sqlState'], '53300')
    await Promise.all(sessions.map((session) => session.close()))
  })
})

t.test('a server without an application user: the superuser asks and writes', async (t) => {
  const made = await makeCluster(t)
  const { look } = makeLook(t, made, { application: null })
  await setUp(made, 'postgres', undefined)
  t.equal(summarize(await runProbes(look)), 'pass pass unknown:no-ground pass pass pass')
})

t.test('a server that dies and comes back', async (t) => {
  const made = await makeCluster(t)
  const { promise: noticed, resolve: notice } = Promise.withResolvers<number>()
  const { look, memory, service } = makeLook(t, made, { onHeldSessionEnd: () => notice(performance.now()) })
  await setUp(made)
  t.equal(summarize(await runProbes(look)), ALL_WELL)

  t.test('a killed postmaster is noticed by the held session', async (t) => {
    const killedAt = performance.now()
    await made.signalPostmaster('SIGKILL')
    t.comment(`noticed ${((await noticed) - killedAt).toFixed(1)} ms after SIGKILL`)
    await made.kill()
    t.equal(memory.heldSession, undefined)
    const readings = await runProbes(look)
    t.equal(summarize(readings), `fail:no-postmaster fail:not-listening ${NOT_SERVED}`)
    t.equal(readings.connection.evidence['kind'], 'refused')
  })

  t.test('after a clean stop there is no socket either', async (t) => {
    await made.start()
    t.equal(summarize(await runProbes(look)), ALL_WELL)
    await made.stop()
    service.change({ state: 'inactive' })
    const readings = await runProbes(look)
    t.equal(summarize(readings), `fail:no-postmaster fail:not-listening ${NOT_SERVED}`)
    t.equal(readings.connection.evidence['kind'], 'no-socket')
  })

  t.test('a server that was started by hand', async (t) => {
    await made.start()
    t.equal(summarize(await runProbes(look)), 'warn:service-not-active pass pass pass pass pass')
    service.change({ state: 'active' })
  })

  t.test('a killed backend ends every session; the server recovers by itself', async (t) => {
    await runProbes(look)
    const victim = await openSession(made)
    const held = memory.heldSession
    t.ok(held)
    const ended = new Promise<void>((resolve) => held?.onEnd(resolve))
    process.kill(victim.backendPid, 'SIGKILL')
    await ended
    await waitUntil('the server is back', async () => (await runProbes(look)).write.verdict === 'pass')
    await victim.close()
  })
})

t.test('a frozen postmaster', async (t) => {
  const made = await makeCluster(t)
  const timeoutMs = { service: 500, connection: 500, authentication: 500, latency: 500, write: 500, disk: 500 }
  const { look } = makeLook(t, made, { settings: { timeoutMs } })
  await runProbes(look)
  await made.signalPostmaster('SIGSTOP')
  const pid = await made.postmasterPid()
  await waitUntil('the kernel has stopped it', async () => look.outside.processes.inspect(pid)?.state === 'T')
  t.equal(summarize(await runProbes(look)), `fail:suspended unknown:no-ground ${NOT_SERVED}`)
  t.match(
    await connection.look(look, new AbortController().signal),
    { verdict: 'fail', reason: 'timeout' },
    'as a server that hangs without being suspended',
  )

  const socketFile = join(made.cluster.socketDirectory, `.s.PGSQL.${made.cluster.port}`)
  const crowd = Array.from({ length: 2500 }, () => connect(socketFile))
  t.teardown(() => crowd.forEach((socket) => socket.destroy()))
  await Promise.all(crowd.map((socket) => new Promise<void>((resolve) => socket.once('connect', resolve).once('error', () => resolve()))))
  const reading = await connection.look(look, new AbortController().signal)
  t.equal(reading.reason, 'timeout')
  t.match(reading.detail, /EAGAIN/)
  await made.signalPostmaster('SIGCONT')
})

t.test('a server that is starting, and a standby', async (t) => {
  const made = await makeCluster(t)
  const { look } = makeLook(t, made)
  await setUp(made)
  await made.stop()
  await writeFile(join(made.cluster.dataDirectory, 'standby.signal'), '')

  await made.configure({ hot_standby: 'off' })
  await made.start({ wait: false })
  await waitUntil('it speaks', async () => (await runProbes(look)).connection.reason === 'rejected')
  const starting = await runProbes(look)
  t.equal(summarize(starting), `pass fail:rejected ${NOT_SERVED}`)
  t.equal(starting.connection.evidence['sqlState'], '57P03')
  await made.stop()

  await made.configure({ hot_standby: 'on' })
  await made.start()
  const standby = await runProbes(look)
  t.equal(summarize(standby), 'pass pass pass pass pass unknown:in-recovery')
  t.equal(standby.connection.evidence['inRecovery'], true)
})

t.test('a damaged page that a backend read is counted', async (t) => {
  const made = await makeCluster(t)
  const { look } = makeLook(t, made)
  await made.psql('create table damaged as select generate_series(1, 1000) as id')
  const path = await made.psql(`select pg_relation_filepath('damaged')`)
  t.match((await runProbes(look)).connection.evidence, { checksumFailures: 0, checksumFailuresNew: 0 })
  await made.stop()
  const file = await open(join(made.cluster.dataDirectory, path), 'r+')
  await file.write(Buffer.alloc(64, 0x55), 0, 64, 4096)
  await file.close()
  await made.start()
  await runProbes(look)
  await t.rejects(made.psql('select count(*) from damaged'))
  await waitUntil('the failure is counted', async () => (await runProbes(look)).connection.evidence['checksumFailures'] === 1)
})
