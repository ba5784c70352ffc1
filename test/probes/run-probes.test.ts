import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { PROBE_NAMES } from '../../src/core/reading.ts'
import type { Readings } from '../../src/core/reading.ts'
import { PROBES } from '../../src/probes/index.ts'
import { closeProbeMemory } from '../../src/probes/memory.ts'
import { runProbes } from '../../src/probes/run-probes.ts'
import { runSetup, setupStatements, undoStatements } from '../../src/probes/setup-database.ts'
import { NO_SOCKET, rejected } from '../fakes/postgres.ts'
import { createFakeLook } from '../support/fake-look.ts'

const verdicts = (readings: Readings): string =>
  Object.values(readings)
    .map(({ verdict }) => verdict)
    .join(' ')

t.test('the list: every probe once, in the order of cost, one file and one page each', async (t) => {
  t.strictSame(
    PROBES.map(({ name }) => name),
    PROBE_NAMES,
  )
  for (const { name, question } of PROBES) {
    t.match(question, /^[A-Z].*\?$/, name)
    t.ok(existsSync(`src/probes/${name}.ts`), `a file for ${name}`)
    t.match(readFileSync(`docs/probes/${name}.md`, 'utf8'), question, `the page of ${name} asks its question`)
  }
})

t.test('a healthy server: six readings, one session held, the look closed', async (t) => {
  const { look, memory, postgres, clock } = createFakeLook()
  const readings = await runProbes(look)
  t.strictSame(Object.keys(readings), [...PROBE_NAMES])
  t.equal(verdicts(readings), 'pass pass pass pass pass pass')
  t.equal(memory.applicationSession, undefined)
  t.equal(postgres.openSessions().length, 1)
  t.equal(clock.pendingTimers(), 0)
  await closeProbeMemory(memory)
  t.equal(postgres.openSessions().length, 0)
})

t.test('no server: what has no ground is unknown, and nothing waits', async (t) => {
  const { look, postgres, processes } = createFakeLook()
  processes.end(4711)
  postgres.onOpen('superuser', NO_SOCKET)
  t.equal(verdicts(await runProbes(look)), 'fail fail unknown unknown pass unknown')
})

t.test('a server that accepts and never answers fails within the timeout of one probe', async (t) => {
  const { look, postgres, clock } = createFakeLook()
  postgres.onOpen('superuser', 'hang')
  const looking = runProbes(look)
  await clock.advance(5000)
  const readings = await looking
  t.match(readings.connection, { verdict: 'fail', reason: 'timeout', detail: /^cannot open a session/ })
  t.equal(verdicts(readings), 'pass fail unknown unknown pass unknown')
  t.equal(clock.pendingTimers(), 0)
})

t.test('a probe that ignores its signal is timed out', async (t) => {
  const { look, service, clock } = createFakeLook()
  service.status = () => new Promise(() => {})
  const looking = runProbes(look)
  await clock.advance(2100)
  const readings = await looking
  t.match(readings.service, { verdict: 'fail', reason: 'timeout', detail: 'no answer within 2000 ms', tookMs: 2000 })
  t.equal(readings.connection.verdict, 'pass')
})

t.test('a bug in a probe is reported, is unknown, and stops nothing', async (t) => {
  const { look, service, log } = createFakeLook()
  service.status = () => Promise.reject(new TypeError('undefined is not a function'))
  const readings = await runProbes(look)
  t.match(readings.service, { verdict: 'unknown', detail: /bug in pgwatchd: undefined is not a function/ })
  t.equal(verdicts(readings), 'unknown pass pass pass pass pass')
  t.match(log.of('probe-bug'), [{ level: 'err', cluster: '15-main', fields: { probe: 'service' } }])
})

t.test('a look that is given up asks nothing more and leaves no session', async (t) => {
  const { look, postgres } = createFakeLook()
  const controller = new AbortController()
  postgres.onOpen('application', () => {
    controller.abort()
    return 'ok'
  })
  const readings = await runProbes(look, controller.signal)
  t.match(readings.latency, { verdict: 'unknown', reason: 'no-ground' })
  t.match(readings.disk, { verdict: 'unknown', reason: 'no-ground' })
  t.equal(postgres.openSessions().filter(({ request }) => request.role === 'application').length, 0)
})

t.test('setup: statements in order, stopping at the first that fails', async (t) => {
  const { postgres } = createFakeLook()
  const reported: string[] = []
  const request = {
    postgres,
    database: 'app',
    statements: setupStatements('app'),
    timeoutMs: 1000,
    report: (text: string) => reported.push(text),
  }
  t.strictSame(await runSetup(request), { ok: true })
  t.strictSame(reported, setupStatements('app'))
  t.match(postgres.opens[0], { role: 'superuser', database: 'app', settings: { default_transaction_read_only: 'off' } })
  postgres.onQuery('create table', rejected('53100', 'no space', 'query'))
  t.match(await runSetup(request), { ok: false, statement: /^create table/, failure: { sqlState: '53100' } })
  t.equal(postgres.openSessions().length, 0)
  postgres.onOpen('superuser', NO_SOCKET)
  t.match(await runSetup(request), { ok: false, statement: '', failure: { kind: 'no-socket' } })
})

t.test('setup: the user is quoted, and may be absent', async (t) => {
  t.match(setupStatements('a"b').at(-1), 'to "a""b"')
  t.notOk(setupStatements(undefined).some((text) => text.startsWith('grant')))
  t.throws(() => setupStatements('a\0b'), RangeError)
  t.throws(() => setupStatements(''), RangeError)
  t.notMatch(undoStatements().join(), /cascade/)
})
