import * as fc from 'fast-check'
import t from 'tap'
import { selectSessions } from '../../../src/core/sessions/select-sessions.ts'
import type { Crowd, ServerSession, SessionPolicy, SlotLimit } from '../../../src/core/sessions/session.ts'
import { terminateStatement } from '../../../src/core/sessions/statements.ts'

const TIME = '2026-11-25T19:24:57.197833Z'

const POLICY: SessionPolicy = {
  policy: 'act',
  headroom: 3,
  idleInTransactionMs: 60_000,
  idleMs: 1_000,
  activeMs: 0,
  superusers: false,
  spareUsers: ['reporting'],
}

function session(pid: number, changes: Partial<ServerSession> = {}): ServerSession {
  const place = { user: 'app', database: 'shop', address: 'local', application: 'shop' }
  return { pid, backendStart: TIME, stateChange: TIME, ...place, state: 'idle', stateForMs: 10_000, isSuperuser: false, ...changes }
}

const FULL: SlotLimit = { scope: 'server', name: '', limit: 97, used: 97 }

function crowd(sessions: readonly ServerSession[], changes: Partial<Crowd> = {}): Crowd {
  return { sessions, limits: [FULL], policy: POLICY, doubt: '', ...changes }
}

function pids(given: Crowd): readonly number[] {
  return selectSessions(given).chosen.map(({ session: { pid } }) => pid)
}

t.test('idle in transaction for long first, then the longest idle, as many as give back the headroom', async (t) => {
  const sessions = [
    session(1, { stateForMs: 5_000 }),
    session(2, { stateForMs: 50_000 }),
    session(3, { state: 'idle in transaction', stateForMs: 61_000 }),
    session(4, { state: 'idle in transaction (aborted)', stateForMs: 90_000 }),
    session(5, { state: 'idle in transaction', stateForMs: 59_000 }),
    session(6, { stateForMs: 999 }),
  ]
  t.strictSame(pids(crowd(sessions)), [4, 3, 2])
  t.strictSame(pids(crowd(sessions, { limits: [{ ...FULL, used: 95 }] })), [4], 'two are free already')
  t.strictSame(pids(crowd(sessions, { limits: [{ ...FULL, used: 99 }] })), [4, 3, 2, 1], 'the reserved ones are taken too')
  t.strictSame(pids(crowd(sessions, { limits: [{ ...FULL, used: 94 }] })), [])
})

t.test('what is never ended', async (t) => {
  const spared = [
    session(1, { state: 'active', stateForMs: 1e9 }),
    session(2, { isSuperuser: true }),
    session(3, { user: 'reporting' }),
    session(4, { application: 'pg_dump' }),
    session(5, { application: 'pgBackRest [backup]' }),
    session(6, { application: 'pgwatchd/probe' }),
    session(7, { state: '' }),
    session(8, { state: 'disabled' }),
    session(9, { backendStart: '' }),
  ]
  const { chosen, spared: words } = selectSessions(crowd(spared))
  t.strictSame(chosen, [])
  t.match(
    words.join(', '),
    /running a statement \(1\).*of superusers \(1\).*spared by configuration \(1\).*backup or dump \(2\).*own \(1\).*not known \(3\)/,
  )
})

t.test('what only the configuration allows', async (t) => {
  const sessions = [session(1, { state: 'active', stateForMs: 7_200_000 }), session(2, { isSuperuser: true })]
  t.strictSame(pids(crowd(sessions, { policy: { ...POLICY, activeMs: 3_600_000 } })), [1])
  t.strictSame(pids(crowd(sessions, { policy: { ...POLICY, superusers: true } })), [2])
})

t.test('the tightest limit counts, only its sessions are ended, and of a small one no more than half', async (t) => {
  const sessions = [session(1, { user: 'batch' }), session(2), session(3), session(4, { database: 'other' }), session(5)]
  const role: SlotLimit = { scope: 'role', name: 'app', limit: 4, used: 4 }
  const free = { ...FULL, used: 10 }
  t.strictSame(pids(crowd(sessions, { limits: [free, role] })), [2, 3])
  t.strictSame(pids(crowd(sessions, { limits: [free, { scope: 'database', name: 'other', limit: 1, used: 1 }] })), [4])
  const closed: SlotLimit = { scope: 'database', name: 'shop', limit: 0, used: 4 }
  t.strictSame(pids(crowd(sessions, { limits: [free, closed] })), [], 'somebody keeps everybody out')
})

t.test('whoever is there: nobody is ended in vain, and nobody who is at work', async () => {
  const arbitrary = fc.record({
    pid: fc.integer({ min: 1, max: 99_999 }),
    user: fc.constantFrom('app', 'reporting', 'batch'),
    application: fc.constantFrom('shop', 'pg_dump', 'pgwatchd/watch', ''),
    state: fc.constantFrom('idle', 'active', 'idle in transaction', 'fastpath function call', ''),
    stateForMs: fc.integer({ min: 0, max: 1_000_000 }),
    isSuperuser: fc.boolean(),
    backendStart: fc.constantFrom(TIME, ''),
  })
  fc.assert(
    fc.property(fc.array(arbitrary, { maxLength: 30 }), fc.integer({ min: 80, max: 100 }), (made, used) => {
      const { chosen, needed } = selectSessions(
        crowd(
          made.map((each) => session(each.pid, each)),
          { limits: [{ ...FULL, used }] },
        ),
      )
      return (
        chosen.length <= needed &&
        needed === Math.max(0, 3 - (97 - used)) &&
        chosen.every(({ session: { state, isSuperuser, user, application } }) => {
          return state.startsWith('idle') && !isSuperuser && user !== 'reporting' && !/^pg/.test(application)
        })
      )
    }),
  )
})

t.test('nothing but numbers and times comes into a statement', async (t) => {
  t.throws(() => terminateStatement([{ pid: 1, backendStart: "2026'; drop table x --" }], { idle: true }))
  t.equal(
    terminateStatement([{ pid: 1, backendStart: TIME }], { idle: true }),
    `select pid, pg_terminate_backend(pid) from pg_stat_activity where (pid, backend_start) in ((1, timestamptz '${TIME}')) and state like 'idle%'`,
  )
})
