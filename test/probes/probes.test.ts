import t from 'tap'
import type { Reading } from '../../src/core/reading.ts'
import { authentication } from '../../src/probes/authentication.ts'
import { connection } from '../../src/probes/connection.ts'
import { disk } from '../../src/probes/disk.ts'
import { latency } from '../../src/probes/latency.ts'
import type { Look, Probe } from '../../src/probes/probe.ts'
import { fail, pass } from '../../src/probes/readings.ts'
import { service } from '../../src/probes/service.ts'
import { write } from '../../src/probes/write.ts'
import { NO_SOCKET, rejected } from '../fakes/postgres.ts'
import { CLUSTER, createFakeLook, POSTMASTER_PID } from '../support/fake-look.ts'

const PID_FILE = `${CLUSTER.dataDirectory}/postmaster.pid`

function ask(probe: Probe, look: Look, before: Look['before'] = {}): Promise<Reading> {
  return probe.look({ ...look, before }, new AbortController().signal)
}

t.test('service: the unit and the process', async (t) => {
  t.test('both well', async (t) => {
    const { look } = createFakeLook()
    t.match(await ask(service, look), { verdict: 'pass', evidence: { state: 'active', pid: POSTMASTER_PID } })
  })

  t.test('steady state looks at one process and reads no file', async (t) => {
    const { look, files } = createFakeLook()
    await ask(service, look)
    files.calls.length = 0
    await ask(service, look)
    t.strictSame(files.calls, [])
  })

  t.test('active, but the postmaster is gone, is a zombie, or its pid is another process now', async (t) => {
    const { look, processes } = createFakeLook()
    await ask(service, look)
    processes.putPostgres(CLUSTER.dataDirectory, { pid: POSTMASTER_PID, state: 'Z' })
    t.match(await ask(service, look), { verdict: 'fail', reason: 'no-postmaster' })
    const postmaster = processes.putPostgres(CLUSTER.dataDirectory, { pid: POSTMASTER_PID })
    t.match(await ask(service, look), { verdict: 'pass' })
    processes.put({ pid: POSTMASTER_PID, startTimeTicks: postmaster.startTimeTicks + 1 })
    t.match(await ask(service, look), { verdict: 'fail', reason: 'no-postmaster', detail: /another program/ })
    processes.putPostgres('/var/lib/postgresql/15/other', { pid: POSTMASTER_PID })
    t.match(await ask(service, look), { verdict: 'fail', reason: 'no-postmaster', detail: /another cluster/ })
    processes.end(POSTMASTER_PID)
    t.match(await ask(service, look), { verdict: 'fail', reason: 'no-postmaster', detail: /4711 is dead/ })
  })

  t.test('a stopped process other than the postmaster is a warning, noticed within a minute and over at once', async (t) => {
    const { look, processes, clock } = createFakeLook()
    const checkpointer = { pid: 4712, parentPid: POSTMASTER_PID, commandLine: 'postgres: 15/main: checkpointer ' }
    processes.putPostgres(CLUSTER.dataDirectory, checkpointer)
    t.match(await ask(service, look), { verdict: 'pass' })
    processes.putPostgres(CLUSTER.dataDirectory, { ...checkpointer, state: 'T' })
    t.match(await ask(service, look), { verdict: 'pass' }, 'all processes are looked at once a minute')
    await clock.advance(60_000)
    t.match(await ask(service, look), { verdict: 'warn', reason: 'process-stopped', detail: /checkpointer \(pid 4712\) is stopped/ })
    processes.putPostgres(CLUSTER.dataDirectory, checkpointer)
    t.match(await ask(service, look), { verdict: 'pass' })
    processes.putPostgres(CLUSTER.dataDirectory, { ...checkpointer, state: 'T' })
    t.match(await ask(service, { ...look, urgent: true }), { reason: 'process-stopped' })
  })

  t.test('a removed or damaged postmaster.pid does not hide a postmaster that the service manager knows', async (t) => {
    for (const content of [undefined, '', 'garbage', '-4711', '4712']) {
      const { look, files } = createFakeLook()
      if (content === undefined) files.erase(PID_FILE)
      else files.put(PID_FILE, content)
      t.match(await ask(service, look), { verdict: 'pass', evidence: { pid: POSTMASTER_PID } }, `postmaster.pid: ${content ?? 'missing'}`)
    }
  })

  t.test('alive, but not through its unit', async (t) => {
    const { look, service: manager } = createFakeLook()
    for (const state of ['inactive', 'failed'] as const) {
      manager.change({ state })
      t.match(await ask(service, look), { verdict: 'warn', reason: 'service-not-active' }, state)
    }
    manager.change({ state: 'unknown' })
    t.match(await ask(service, look), { verdict: 'warn', reason: 'unreachable' })
  })

  t.test('on its way up or down, which is no reason for a warning', async (t) => {
    const { look, service: manager } = createFakeLook()
    for (const state of ['activating', 'deactivating'] as const) {
      manager.change({ state })
      t.match(await ask(service, look), { verdict: 'pass' }, state)
    }
  })

  t.test('stopped by a signal: no session is tried, for it could only wait', async (t) => {
    const { look, processes } = createFakeLook()
    await ask(service, look)
    const { startTimeTicks } = processes.putPostgres(CLUSTER.dataDirectory, { pid: POSTMASTER_PID })
    processes.putPostgres(CLUSTER.dataDirectory, { pid: POSTMASTER_PID, startTimeTicks, state: 'T' })
    const reading = await ask(service, look)
    t.match(reading, { verdict: 'fail', reason: 'suspended' })
    t.match(await connection.look({ ...look, before: { service: reading } }, new AbortController().signal), {
      verdict: 'unknown',
      reason: 'no-ground',
    })
  })

  t.test('nobody may look at the process: the unit alone decides', async (t) => {
    const { look, processes, files, service: manager } = createFakeLook()
    processes.put({ pid: POSTMASTER_PID, executable: undefined })
    t.match(await ask(service, look), { verdict: 'pass', evidence: { pid: null } })
    files.fail({ operation: 'readText', path: PID_FILE, code: 'EACCES' })
    manager.change({ state: 'failed', mainPid: 0 })
    t.match(await ask(service, look), { verdict: 'fail', reason: 'service-not-active' })
    manager.change({ state: 'unknown' })
    t.match(await ask(service, look), { verdict: 'unknown', reason: 'no-ground' })
  })
})

t.test('connection: a held session and a fresh one', async (t) => {
  t.test('the first is held, every later one closed', async (t) => {
    const { look, memory, postgres } = createFakeLook()
    await ask(connection, look)
    const held = memory.heldSession
    t.ok(held)
    t.match(await ask(connection, look), { verdict: 'pass', evidence: { inRecovery: false, heldSessionLost: false } })
    t.equal(memory.heldSession, held)
    t.equal(postgres.opens.length, 2)
    t.equal(postgres.openSessions().length, 1)
    t.match(postgres.opens[0], { role: 'superuser', settings: { idle_session_timeout: '0' } })
  })

  t.test('its end wakes, is told once, and it is replaced', async (t) => {
    const { look, memory, postgres, wakes } = createFakeLook()
    await ask(connection, look)
    postgres.endSessions()
    t.equal(wakes.count, 1)
    t.equal(memory.heldSession, undefined)
    t.match(await ask(connection, look), { evidence: { heldSessionLost: true } })
    t.match(await ask(connection, look), { evidence: { heldSessionLost: false } })
    t.ok(memory.heldSession)
  })

  t.test('new checksum failures are counted, also over a reset', async (t) => {
    const { look, postgres } = createFakeLook()
    const counts = [3, 5, 5, 1, 2, null]
    postgres.onQuery('pg_is_in_recovery()', ...counts.map((count) => [{ in_recovery: false, checksum_failures: count }]))
    const seen: unknown[] = []
    while (seen.length < counts.length) seen.push((await ask(connection, look)).evidence['checksumFailuresNew'])
    t.strictSame(seen, [0, 2, 0, 0, 1, 0])
  })

  t.test('what failed is told by its reason', async (t) => {
    const { look, postgres } = createFakeLook()
    postgres.onOpen('superuser', NO_SOCKET, rejected('57P03', 'the database system is starting up'), 'ok')
    t.match(await ask(connection, look), { verdict: 'fail', reason: 'not-listening', evidence: { kind: 'no-socket' } })
    t.match(await ask(connection, look), {
      reason: 'rejected',
      detail: /57P03 the database system is starting up/,
      evidence: { sqlState: '57P03', sqlMessage: 'the database system is starting up', stage: 'connect' },
    })
    postgres.onQuery('pg_is_in_recovery()', [{ in_recovery: 'maybe' }])
    t.match(await ask(connection, look), { verdict: 'fail', reason: 'wrong-answer' })
  })

  t.test('a query that fails leaves no session open', async (t) => {
    const { look, memory, postgres } = createFakeLook()
    postgres.onQuery('pg_is_in_recovery()', rejected('XX001', 'invalid page', 'query'))
    t.match(await ask(connection, look), { verdict: 'fail', reason: 'rejected', evidence: { sqlState: 'XX001', stage: 'query' } })
    t.equal(memory.heldSession, undefined)
    t.equal(postgres.openSessions().length, 0)
  })
})

t.test('authentication', async (t) => {
  const serves = pass('connection', 'served', 1)

  t.test('logs in and keeps the session for the look', async (t) => {
    const { look, memory, postgres } = createFakeLook()
    t.match(await ask(authentication, look, { connection: serves }), { verdict: 'pass' })
    t.ok(memory.applicationSession)
    t.match(postgres.opens[0], { role: 'application', longestStatementMs: 7000, settings: { synchronous_commit: 'on' } })
  })

  t.test('has no ground without an application user or a server that serves', async (t) => {
    const { look, postgres } = createFakeLook()
    for (const reason of ['not-listening', 'timeout', 'connection-lost'] as const) {
      const before = { connection: fail('connection', { reason, detail: '' }) }
      t.match(await ask(authentication, look, before), { verdict: 'unknown', reason: 'no-ground' }, reason)
    }
    const starting = fail('connection', { reason: 'rejected', detail: '', evidence: { sqlState: '57P03' } })
    t.match(await ask(authentication, look, { connection: starting }), { verdict: 'unknown', reason: 'no-ground' })
    postgres.roles.delete('application')
    t.match(await ask(authentication, look, { connection: serves }), { verdict: 'unknown', reason: 'no-ground' })
    t.strictSame(postgres.opens, [])
  })

  t.test('is asked although the superuser itself is refused', async (t) => {
    const { look } = createFakeLook()
    const refused = fail('connection', { reason: 'rejected', detail: '', evidence: { sqlState: '28000' } })
    t.match(await ask(authentication, look, { connection: refused }), { verdict: 'pass' })
  })

  t.test('keeps no session of a look that was given up', async (t) => {
    const { look, memory, postgres } = createFakeLook()
    const controller = new AbortController()
    postgres.onOpen('application', () => {
      controller.abort()
      return 'ok'
    })
    await authentication.look(look, controller.signal)
    t.equal(memory.applicationSession, undefined)
    t.equal(postgres.openSessions().length, 0)
  })

  t.test('keeps the SQLSTATE of a refusal', async (t) => {
    const { look, postgres } = createFakeLook()
    for (const sqlState of ['28P01', '28000', '3D000', '53300', '42501', '55000']) {
      postgres.onOpen('application', rejected(sqlState, 'no'))
      t.match(await ask(authentication, look, { connection: serves }), { verdict: 'fail', reason: 'rejected', evidence: { sqlState } })
    }
  })
})

t.test('latency: the login counts', async (t) => {
  const { look, memory, postgres } = createFakeLook()
  const before = (tookMs: number) => ({ connection: pass('connection', '', 1), authentication: pass('authentication', '', tookMs) })
  t.match(await ask(latency, look, before(1)), { verdict: 'unknown', reason: 'no-ground' })
  await ask(authentication, look, before(1))
  t.match(await ask(latency, look, before(10)), { verdict: 'pass', evidence: { ms: 11, limitMs: 5000 } })
  t.match(await ask(latency, look, before(5000)), { verdict: 'fail', reason: 'too-slow', evidence: { ms: 5001 } })
  postgres.onQuery(/^select 1$/, { kind: 'timeout', stage: 'query', message: 'no answer within 7000 ms' })
  t.match(await ask(latency, look, before(1)), { verdict: 'fail', reason: 'timeout' })
  t.equal(memory.applicationSession, undefined)
})

t.test('latency without an application user: as the superuser', async (t) => {
  const { look, memory, postgres } = createFakeLook()
  postgres.roles.delete('application')
  t.match(await ask(latency, look, { connection: fail('connection', { reason: 'timeout', detail: '' }) }), { reason: 'no-ground' })
  t.match(await ask(latency, look, { connection: pass('connection', '', 1) }), { verdict: 'pass' })
  t.ok(memory.applicationSession)
  memory.applicationSession = undefined
  postgres.onOpen('superuser', rejected('53300', 'sorry, too many clients already'))
  t.match(await ask(latency, look, { connection: pass('connection', '', 1) }), { verdict: 'fail', evidence: { sqlState: '53300' } })
})

t.test('write', async (t) => {
  async function prepare() {
    const fake = createFakeLook()
    await ask(authentication, fake.look)
    const updates = () => fake.postgres.statements.filter(({ text }) => text.startsWith('update')).length
    return { ...fake, updates }
  }

  t.test('writes one row of the ring, and again only after the interval or when urgent', async (t) => {
    const { look, clock, updates, postgres } = await prepare()
    const first = await ask(write, look)
    t.match(first, { verdict: 'pass' })
    t.match(postgres.statements.at(-1)?.values, [/^\d+$/])
    await clock.advance(59_999)
    t.equal(await ask(write, look), first)
    t.equal(updates(), 1)
    await ask(write, { ...look, urgent: true })
    t.equal(updates(), 2)
    await clock.advance(60_000)
    await ask(write, look)
    t.equal(updates(), 3)
  })

  t.test('where the disk has no room it writes at once', async (t) => {
    const { look, updates } = await prepare()
    const roomless = fail('disk', { reason: 'no-room', detail: 'data has 3 MB free and needs 40 MB' })
    for (let count = 1; count <= 2; count += 1) {
      await ask(write, look, { disk: roomless })
      t.equal(updates(), count)
    }
    await ask(write, look, { disk: fail('disk', { reason: 'full', detail: '95 % used' }) })
    t.equal(updates(), 2)
  })

  t.test('no session is no ground, also while the last reading is young', async (t) => {
    const { look, memory } = await prepare()
    await ask(write, look)
    memory.applicationSession = undefined
    t.match(await ask(write, look), { verdict: 'unknown', reason: 'no-ground' })
  })

  t.test('a standby is not written to', async (t) => {
    const { look, updates } = await prepare()
    const standby = { connection: pass('connection', '', 1, { inRecovery: true }) }
    t.match(await ask(write, look, standby), { verdict: 'unknown', reason: 'in-recovery' })
    t.equal(updates(), 0)
  })

  t.test('read-only, not set up, full, silent', async (t) => {
    const { look: calm, memory, postgres } = await prepare()
    const look = { ...calm, urgent: true }
    const session = memory.applicationSession
    postgres.onQuery('update', rejected('25006', 'cannot execute UPDATE in a read-only transaction', 'query'))
    t.match(await ask(write, look), { verdict: 'fail', reason: 'in-recovery', evidence: { sqlState: '25006' } })
    for (const sqlState of ['42P01', '3F000', '42501']) {
      postgres.onQuery('update', rejected(sqlState, 'no', 'query'))
      t.match(await ask(write, look), { verdict: 'unknown', reason: 'not-set-up', detail: /setup-database/ }, sqlState)
    }
    postgres.onQuery('update', [])
    t.match(await ask(write, look), { verdict: 'unknown', reason: 'not-set-up' })
    postgres.onQuery('update', rejected('53100', 'could not extend file', 'query'))
    t.match(await ask(write, look), { verdict: 'fail', reason: 'rejected', evidence: { sqlState: '53100' } })
    t.equal(memory.applicationSession, session)
    postgres.onQuery('update', { kind: 'timeout', stage: 'query', message: 'no answer' })
    t.match(await ask(write, look), { verdict: 'fail', reason: 'timeout' })
    t.equal(memory.applicationSession, undefined)
  })
})

t.test('disk: every file system once, the fullest decides', async (t) => {
  const gigabyte = 1024 ** 3
  const { look, files, clock } = createFakeLook()
  files.mount('/wal', { totalBytes: 10 * gigabyte, availableBytes: 5 * gigabyte })
  files.mount('/fast', { totalBytes: 10 * gigabyte, availableBytes: 5 * gigabyte, totalInodes: 1000, freeInodes: 500 })
  files.putDirectory('/wal/15')
  files.putDirectory('/fast/pg')
  files.erase(`${CLUSTER.dataDirectory}/pg_wal`)
  files.putLink(`${CLUSTER.dataDirectory}/pg_wal`, '/wal/15')
  files.putLink(`${CLUSTER.dataDirectory}/pg_tblspc/16400`, '/fast/pg')

  const well = await ask(disk, look)
  t.match(well, {
    verdict: 'pass',
    evidence: { 'data.roles': 'data, log', 'wal.path': '/wal/15', 'tablespace 16400.path': '/fast/pg', 'wal.usedRatio': 0.5 },
  })
  files.volumeOf('/wal/15').availableBytes = 2 * gigabyte
  t.match(await ask(disk, look), { verdict: 'warn', reason: 'almost-full', detail: /^wal \(\/wal\/15\) 80 % used/ })
  files.volumeOf('/fast/pg').freeInodes = 100
  t.match(await ask(disk, look), { verdict: 'fail', reason: 'full', detail: /^tablespace 16400 \(\/fast\/pg\) 90 % inodes used/ })
  files.volumeOf('/fast/pg').freeInodes = 500
  files.volumeOf('/wal/15').availableBytes = 5 * gigabyte
  files.fail({ operation: 'volume', path: '/wal/15', code: 'EIO', times: 1 })
  t.match(await ask(disk, look), { verdict: 'warn', reason: 'unreachable', detail: /EIO/, evidence: { 'wal.error': /EIO/ } })
  files.volumeOf('/fast/pg').totalInodes = 0
  files.volumeOf('/fast/pg').freeInodes = 0
  t.match(await ask(disk, look), { verdict: 'pass' })
  files.fail({ operation: 'list', code: 'EACCES', times: 1 })
  t.match(await ask(disk, look), { verdict: 'pass' }, 'tablespaces are not listed again within a minute')
  await clock.advance(60_000)
  t.match(await ask(disk, look), { verdict: 'unknown', reason: 'unreachable' })
})

t.test('disk: less room than the server needs to go on', async (t) => {
  const { look, files } = createFakeLook()
  const volume = files.volumeOf(CLUSTER.dataDirectory)
  volume.availableBytes = 39 << 20
  t.match(await ask(disk, look), { verdict: 'fail', reason: 'no-room', detail: /^data, wal, log \(.*\) has 39 MB free and needs 40 MB/ })
  volume.availableBytes = 50e9
  t.match(await ask(disk, look), { verdict: 'pass' })
  files.mount('/var/log/postgresql', { totalBytes: 1e9, availableBytes: 0 })
  look.memory.volumes = undefined
  t.match(await ask(disk, look), { verdict: 'fail', reason: 'full' }, 'a full log directory stops no server')
})

t.test('disk: a data directory that is gone', async (t) => {
  const { look, files } = createFakeLook()
  files.erase(CLUSTER.dataDirectory)
  t.match(await ask(disk, look), { verdict: 'warn', reason: 'unreachable', evidence: { 'data.error': /ENOENT/ } })
})
