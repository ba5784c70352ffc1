import t from 'tap'
import { EMPTY_ALERT_MEMORY, parseAlertMemory, type AlertMemory } from '../../src/alerts/alert-memory.ts'
import { KINDS } from '../../src/alerts/kinds.ts'
import { considerAlert, type AlertSettings, type Consideration } from '../../src/alerts/policy.ts'
import { ALERT_KINDS, type Alert } from '../../src/core/alert.ts'
import type { Instant } from '../../src/core/instant.ts'
import { alertOf, NOON } from './facts.ts'

const SETTINGS: AlertSettings = { repeatIntervalMs: 3_600_000, minimumSeverity: 'INFO' }

function at(minutes: number): Instant {
  return { bootId: 'boot-1', monotonicMs: 1000 + minutes * 60_000, wallMs: NOON + minutes * 60_000 }
}

/** Considers alerts one after the other with one memory. */
function teller(settings = SETTINGS, memory: AlertMemory = EMPTY_ALERT_MEMORY) {
  return (minutes: number, change: Partial<Alert> = {}): Consideration => {
    const considered = considerAlert(memory, alertOf({ wallMs: at(minutes).wallMs, ...change }), at(minutes), settings)
    memory = considered.memory
    return considered
  }
}

t.test('repeats are held back for the interval and counted with the next one', async (t) => {
  const tell = teller()
  t.equal(tell(0).send, true)
  for (let minute = 1; minute <= 12; minute += 1) t.equal(tell(minute).send, false)
  t.same(tell(13).heldBack, { count: 13, sinceWallMs: at(1).wallMs })
  const next = tell(61)
  t.equal(next.send, true)
  t.same(next.heldBack, { count: 13, sinceWallMs: at(1).wallMs })
  t.same(tell(122).heldBack, { count: 0, sinceWallMs: 0 }, 'the count begins anew')
})

t.test('what differs in cluster, kind, severity, key or incident is no repeat', async (t) => {
  const tell = teller()
  tell(0)
  t.equal(tell(1, { cluster: '13-old' }).send, true)
  t.equal(tell(1, { kind: 'person-needed' }).send, true)
  t.equal(tell(1, { severity: 'ERROR' }).send, true)
  t.equal(tell(1, { repeatKey: 'disk:/' }).send, true)
  t.equal(tell(1, { incidentId: 'next' }).send, true)
})

t.test('what a recovery does is told however often it happens', async (t) => {
  for (const kind of ['recovery-started', 'recovery-succeeded', 'recovery-failed', 'recovery-exhausted', 'test'] as const) {
    const tell = teller()
    for (let minute = 0; minute < 30; minute += 1) t.equal(tell(minute, { kind, severity: KINDS[kind].severity }).send, true, kind)
  }
})

t.test('a warning that comes back after it was over is news', async (t) => {
  const tell = teller()
  tell(0)
  t.equal(tell(1).send, false)
  t.equal(tell(2, { kind: 'warning-cleared', severity: 'INFO' }).send, true)
  t.equal(tell(3).send, true)
})

t.test('below the minimum severity nothing is sent, except the end of an incident that was told', async (t) => {
  const tell = teller({ ...SETTINGS, minimumSeverity: 'ERROR' })
  t.equal(tell(0).send, false)
  t.equal(tell(1, { kind: 'recovered-without-us', severity: 'SUCCESS', incidentId: 'i1' }).send, false)
  t.equal(tell(2, { kind: 'person-needed', severity: 'ERROR', incidentId: 'i1' }).send, true)
  t.equal(tell(3, { kind: 'recovered-without-us', severity: 'SUCCESS', incidentId: 'i1' }).send, true)
  t.equal(tell(4, { kind: 'test', severity: 'INFO' }).send, true)
})

t.test('a cluster that comes and goes all night sends a bounded number', async (t) => {
  const tell = teller()
  const sent = []
  for (let minute = 0; minute < 59; minute += 1) {
    const incidentId = `incident-${minute}`
    sent.push(tell(minute, { kind: 'person-needed', severity: 'ERROR', incidentId }).send)
    sent.push(tell(minute, { kind: 'recovered-without-us', severity: 'SUCCESS', incidentId }).send)
  }
  t.equal(sent.filter(Boolean).length <= 24, true)
  t.equal(tell(59, { kind: 'person-needed', severity: 'CRITICAL', incidentId: 'worse' }).send, true, 'CRITICAL is told all the same')
  t.equal(tell(130, { kind: 'person-needed', severity: 'ERROR', incidentId: 'later' }).send, true, 'the next interval begins anew')
})

function alertNumber(index: number): Alert {
  const place = { repeatKey: `key-${index}`, incidentId: `incident-${index}`, cluster: `cluster-${index}` }
  return alertOf({ kind: 'person-needed', severity: 'CRITICAL', ...place })
}

t.test('the memory is bounded and survives its way through JSON', async (t) => {
  let memory = EMPTY_ALERT_MEMORY
  for (let index = 0; index < 500; index += 1) {
    memory = considerAlert(memory, alertNumber(index), at(0), SETTINGS).memory
  }
  t.equal(Object.keys(memory.repeats).length, 200)
  t.equal(Object.keys(memory.threads).length, 100)
  t.equal(Object.keys(memory.bursts).length, 50)
  const restored = parseAlertMemory(JSON.parse(JSON.stringify(memory)))
  t.same(restored, memory)
  t.equal(considerAlert(restored, alertNumber(499), at(1), SETTINGS).send, false)
})

t.test('a damaged memory is an empty one', async (t) => {
  for (const value of [null, undefined, 7, [], {}, { version: 2 }, { version: 1, repeats: { a: {} }, bursts: {}, threads: {} }]) {
    t.equal(parseAlertMemory(value), EMPTY_ALERT_MEMORY)
  }
})

t.test('every kind has its rules', async (t) => {
  t.same(Object.keys(KINDS).sort(), [...ALERT_KINDS].sort())
})
