import t from 'tap'
import { createHost } from '../fakes/host.ts'
import type { SimulatedHost } from '../fakes/host.ts'
import { DATA } from '../fakes/simulated-data-directory.ts'

const UNREADABLE = 'could not find a valid record after 0/17414C0'
const WHOLE = 'error in WAL record at 0/1741530: invalid record length at 0/1741558: wanted 24, got 0'
const WAL_FILE = `${DATA}/pg_wal/000000010000000000000017`

/** A host whose server crashed and whose WAL is damaged. */
async function crashWithDamage(): Promise<SimulatedHost> {
  const host = await createHost()
  host.server.conditions.walEnd = UNREADABLE
  host.server.crash()
  await host.until(() => host.service.held && host.mode() === 'waiting', '1m')
  await host.advance('10s')
  return host
}

t.test('a server whose WAL is damaged is kept down by everybody, with copies, and a person is told once', async (t) => {
  const host = await crashWithDamage()
  await host.advance('30m')
  t.same(host.acts(), [], 'nothing is started')
  t.equal(host.service.held, true)
  await host.startByOperator()
  t.equal(host.server.phase, 'down', 'an unsuspecting start is refused')
  const mail = host.mails().find(({ subject }) => subject.includes('CRITICAL'))
  t.match(mail?.subject, /WAL is damaged/)
  t.match(mail?.text, /pgwatchd pause --cluster 15-main && sudo systemctl start postgresql@15-main/)
  t.ok(host.files.paths().some((path) => /\/incidents\/.*\/wal\/000000010000000000000017$/.test(path)))
  t.ok(host.files.paths().some((path) => /\/incidents\/.*\/wal\/pg_control$/.test(path)))
})

t.test('the next daemon keeps it down as well', async (t) => {
  const host = await crashWithDamage()
  host.killDaemon()
  await host.startDaemon()
  await host.advance('5m')
  t.equal(host.service.held, true)
  t.same(host.acts(), [])
  t.equal((await host.savedState())?.cause, 'wal-damaged')
})

t.test('an operator who pauses may start it', async (t) => {
  const host = await crashWithDamage()
  t.match(await host.ask({ command: 'pause', by: 'anna' }), [{ type: 'done', ok: true }])
  t.equal(host.service.held, false, 'as soon as the pause is answered')
  await host.startByOperator()
  await host.until(() => host.server.phase === 'running', '1m')
  await host.ask({ command: 'resume', by: 'anna' })
  await host.until(() => host.mode() === 'healthy', '1m')
  t.equal(host.service.held, false)
})

t.test('a whole file in the place of the damaged one is noticed, and the server is started', async (t) => {
  const host = await crashWithDamage()
  const whole = await host.files.read(WAL_FILE, { maxBytes: 1 << 20 })
  host.server.conditions.walEnd = WHOLE
  host.files.put(WAL_FILE, whole ?? '')
  await host.until(() => host.mode() === 'healthy', '20m')
  t.same(host.acts(), ['start'])
  t.equal(host.service.held, false)
})
