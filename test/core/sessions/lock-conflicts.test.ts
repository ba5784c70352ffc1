import * as fc from 'fast-check'
import t from 'tap'
import type { BlockerPolicy, LockParty } from '../../../src/core/sessions/lock-conflicts.ts'
import { findQueueHead, findRoots, findWaiters, reasonToSpare } from '../../../src/core/sessions/lock-conflicts.ts'

const TIME = '2026-11-25T19:24:57.197833Z'
const POLICY: BlockerPolicy = { policy: 'act', limitMs: 60_000, superusers: false, spareUsers: ['batch'] }

function party(pid: number, waitsFor: readonly number[] = [], changes: Partial<LockParty> = {}): LockParty {
  const place = { user: 'app', database: 'shop', address: 'local', application: '', isSuperuser: false, backendType: 'client backend' }
  const times = { backendStart: TIME, stateChange: TIME, transactionStart: TIME, stateForMs: 0 }
  const waits = {
    waitsFor,
    waitedMs: waitsFor.length === 0 ? undefined : pid * 1_000,
    lock: waitsFor.length === 0 ? '' : 'ShareLock on tuple',
  }
  return { pid, ...place, ...times, ...waits, state: 'active', statement: '', ...changes }
}

t.test('roots are those that others wait for and that wait for nobody, the longest block first', async (t) => {
  const parties = [party(1), party(90, [1]), party(91, [90]), party(2), party(95, [2]), party(3)]
  const roots = findRoots({ parties })
  t.match(roots, [
    { party: { pid: 2 }, blocksForMs: 95_000, waiters: [{ pid: 95 }] },
    { party: { pid: 1 }, blocksForMs: 91_000, waiters: [{ pid: 91 }, { pid: 90 }] },
  ])
  t.equal(roots.length, 2)
  t.strictSame(findRoots({ parties: [party(5, [6]), party(6, [5])] }), [], 'a circle is the business of the server')
  t.strictSame(findRoots({ parties: [party(7, [0])] }), [], 'a prepared transaction is no session')
})

t.test('who is never ended', async (t) => {
  const reason = (changes: Partial<LockParty>, waitedMs: number | undefined = 90_000): string | undefined => {
    const [root] = findRoots({ parties: [party(1, [], changes), party(2, [1], { waitedMs })] })
    return root && reasonToSpare(root, POLICY)
  }
  t.equal(reason({}), undefined)
  t.match(reason({ backendType: 'autovacuum worker' }), /no client: autovacuum worker/)
  t.match(reason({ backendType: 'walsender' }), /no client/)
  t.match(reason({ backendType: '' }), /not known/)
  t.match(reason({ isSuperuser: true }), /superuser/)
  t.match(reason({ user: 'batch' }), /spares batch/)
  t.match(reason({ application: 'pg_dump' }), /backup or dump/)
  t.match(reason({ application: 'pgwatchd/watch' }), /own/)
  t.match(reason({ transactionStart: '' }), /named exactly/)
  t.match(reason({}, 59_999), /not blocked for long enough/)
  const [unknown] = findRoots({ parties: [party(1), { ...party(2, [1]), waitedMs: undefined }] })
  t.match(unknown && reasonToSpare(unknown, POLICY), /not known/, 'before PostgreSQL 14')
})

t.test('the head of the queue is a change of a table that others wait behind', async (t) => {
  const alter = { lock: 'AccessExclusiveLock on relation' }
  const parties = [party(1), party(2, [1], alter), party(3, [2]), party(4, [2])]
  const [root] = findRoots({ parties })
  if (root === undefined) throw new Error('there is a root')
  t.match(findQueueHead(root, parties), { party: { pid: 2 }, frees: 2 })
  t.equal(findQueueHead(root, parties.slice(0, 2)), undefined, 'nobody waits behind it')
  t.equal(findQueueHead(root, [party(1), party(2, [1]), party(3, [2])]), undefined)
})

t.test('whatever waits for whatever, it ends, and no root waits', async () => {
  const arbitrary = fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 3 })), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(arbitrary, (edges) => {
      const parties = [...new Map(edges).entries()].map(([pid, waitsFor]) => party(pid, waitsFor))
      return findRoots({ parties }).every((root) => root.party.waitsFor.length === 0 && findWaiters(root.party.pid, parties).length > 0)
    }),
  )
})
