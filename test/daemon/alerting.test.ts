import t from 'tap'
import { createAlerting } from '../../src/daemon/alerting.ts'
import type { Mail } from '../../src/ports/mailer.ts'
import { OutsideError } from '../../src/ports/outside-error.ts'
import { alertOf } from '../alerts/facts.ts'
import { createFakeClock } from '../fakes/clock.ts'
import { createFakeLog } from '../fakes/log.ts'
import { createFakeRandom } from '../fakes/random.ts'

const SETTINGS = { repeatIntervalMs: 3_600_000, minimumSeverity: 'INFO' as const }
const started = { kind: 'recovery-started', severity: 'ERROR', incidentId: '20261121T014412Z-15-main-crashed-3f2a' } as const

function ground(slot: { content: string | undefined } = { content: undefined }, withMail = true) {
  const [clock, log] = [createFakeClock(), createFakeLog()]
  const mails: { mail: Mail; expendable: boolean }[] = []
  const outbox = { put: async (mail: Mail, options = { expendable: false }) => void mails.push({ mail, ...options }) }
  const memory = { load: async () => slot.content, save: async (content: string) => void (slot.content = content) }
  const outside = { log, clock, random: createFakeRandom(), host: 'db1' }
  const needs = { ...outside, outbox: withMail ? outbox : undefined, memory, settings: SETTINGS }
  return { clock, log, mails, memory, slot, alerting: createAlerting(needs) }
}

t.test('an alert is one line of the journal and one mail', async (t) => {
  const { alerting, log, mails } = ground()
  await alerting.raise(alertOf({ ...started, verdict: 'password=geheim is gone' }))
  t.match(log.entries, [{ level: 'err', event: 'alert-recovery-started', cluster: '15-main', incident: started.incidentId }])
  t.match(log.entries, [{ fields: { severity: 'ERROR', mail: 'queued' } }])
  t.match(log.entries[0]?.message, /^15-main: /)
  t.notMatch(log.entries[0]?.message, 'geheim')
  t.match(mails, [{ expendable: false, mail: { priority: 'high', subject: /^\[ERROR\] db1 15-main: / } }])
})

t.test('the journal line is there at once, whatever the outbox does', async (t) => {
  const { alerting, log } = ground()
  void alerting.raise(alertOf())
  t.equal(log.entries.length, 1)
  await alerting.settled()
})

t.test('one incident is one thread', async (t) => {
  const { alerting, mails } = ground()
  await alerting.raise(alertOf(started))
  await alerting.raise(alertOf({ ...started, kind: 'recovery-succeeded', severity: 'SUCCESS' }))
  await alerting.raise(alertOf())
  const [first, second, other] = mails.map(({ mail }) => mail)
  t.equal(first?.messageId, `${started.incidentId}.1@db1`)
  t.equal(first?.threadId, undefined)
  t.equal(second?.threadId, first?.messageId)
  t.match(second?.messageId, /\.2\.[0-9a-f]{4}@db1$/)
  t.equal(other?.threadId, undefined)
  t.equal(new Set(mails.map(({ mail }) => mail.messageId)).size, 3)
})

t.test('repeats are held back, across a restart as well, and the count comes with the next mail', async (t) => {
  const first = ground()
  await first.alerting.raise(alertOf())
  const second = ground(first.slot)
  await second.alerting.start()
  await second.alerting.raise(alertOf())
  t.equal(second.mails.length, 0)
  t.match(second.log.entries, [{ level: 'debug', fields: { mail: 'held back' } }])
  await second.clock.advance(3_600_000)
  await second.alerting.raise(alertOf())
  t.match(second.mails[0]?.mail.text, '1 like this since')
})

t.test('what may be dropped from a full outbox is marked', async (t) => {
  const { alerting, mails } = ground()
  await alerting.raise(alertOf())
  await alerting.raise(alertOf({ kind: 'test', severity: 'INFO' }))
  await alerting.raise(alertOf({ kind: 'recovery-succeeded', severity: 'SUCCESS', incidentId: 'i' }))
  await alerting.raise(alertOf({ kind: 'state-not-saved', severity: 'CRITICAL' }))
  t.same(
    mails.map(({ expendable }) => expendable),
    [true, true, false, false],
  )
})

t.test('without mail the journal is all, and repeats do not fill it', async (t) => {
  const { alerting, log } = ground(undefined, false)
  await alerting.raise(alertOf())
  await alerting.raise(alertOf())
  t.same(
    log.entries.map((entry) => [entry.level, entry.fields?.['mail']]),
    [
      ['warning', 'not configured'],
      ['debug', 'not configured'],
    ],
  )
})

t.test('a memory that cannot be read or saved costs nothing but repeats', async (t) => {
  const damaged = ground({ content: '{"version":1' })
  await damaged.alerting.start()
  await damaged.alerting.raise(alertOf())
  t.equal(damaged.mails.length, 1)
  const unreadable = ground()
  unreadable.memory.load = async () => {
    throw new OutsideError({ operation: 'read', object: 'alerts', code: 'EIO', reason: 'bad sector' })
  }
  await unreadable.alerting.start()
  t.equal(unreadable.log.of('alert-memory-trouble').length, 1)
  const full = ground()
  full.memory.save = async () => {
    throw new OutsideError({ operation: 'write', object: 'alerts', code: 'ENOSPC', reason: 'no space' })
  }
  await full.alerting.raise(alertOf())
  await full.alerting.raise(alertOf())
  t.equal(full.mails.length, 1)
})

t.test('new settings count from the next alert', async (t) => {
  const { alerting, mails } = ground()
  alerting.configure({ ...SETTINGS, minimumSeverity: 'CRITICAL' })
  await alerting.raise(alertOf())
  t.equal(mails.length, 0)
})
