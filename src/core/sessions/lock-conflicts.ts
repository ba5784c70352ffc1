import { isBackup } from './backup-programs.ts'
import type { ServerSession, SessionPolicy } from './session.ts'

/** A server process that waits for a lock, or that holds or asks for one that another waits for. */
export interface LockParty extends ServerSession {
  /** "client backend", "autovacuum worker", "walsender", …; empty for one that is still logging in. */
  readonly backendType: string
  /** `xact_start` to the microsecond: while it stays the same, the locks are those of the same transaction. Empty outside of one. */
  readonly transactionStart: string
  /** Its statement, or its last one: one line, cut, with what looks like a password masked. */
  readonly statement: string
  /** Whom it waits for; 0 is a prepared transaction. Empty: nobody. */
  readonly waitsFor: readonly number[]
  /** `undefined` when it does not wait, or the server does not tell (before PostgreSQL 14). */
  readonly waitedMs: number | undefined
  /** "AccessExclusiveLock on relation"; empty when it does not wait. */
  readonly lock: string
}

/** A transaction that was prepared for a commit in two phases: it holds its locks without a session. */
export interface PreparedTransaction {
  readonly gid: string
  readonly owner: string
  readonly database: string
  readonly preparedForMs: number
  /** Pids that wait for it. */
  readonly blocks: readonly number[]
}

/** Who waits for whom. */
export interface LockConflicts {
  /** At most 200 that wait, and whom they wait for. */
  readonly parties: readonly LockParty[]
  readonly prepared: readonly PreparedTransaction[]
  readonly policy: BlockerPolicy
}

export interface BlockerPolicy extends Pick<SessionPolicy, 'policy' | 'superusers' | 'spareUsers'> {
  /** Who blocks others for longer is told, or ended. */
  readonly limitMs: number
}

/** One that others wait for and that waits for nobody. */
export interface LockRoot {
  readonly party: LockParty
  /** All that wait for it, also through others; the longest wait first. */
  readonly waiters: readonly LockParty[]
  /** The longest of their waits; `undefined` when none is known. */
  readonly blocksForMs: number | undefined
}

/** The roots of the trees, whoever blocks longest first. Waits in a circle are the server's to break. */
export function findRoots({ parties }: Pick<LockConflicts, 'parties'>): readonly LockRoot[] {
  const waited = new Set(parties.flatMap(({ waitsFor }) => waitsFor))
  return parties
    .filter(({ pid, waitsFor }) => waited.has(pid) && waitsFor.length === 0)
    .map((party) => toRoot(party, parties))
    .toSorted((one, other) => (other.blocksForMs ?? -1) - (one.blocksForMs ?? -1))
}

function toRoot(party: LockParty, parties: readonly LockParty[]): LockRoot {
  const waiters = findWaiters(party.pid, parties)
  return { party, waiters, blocksForMs: waiters[0]?.waitedMs }
}

/** All that wait for `pid`, also through others; the longest wait first. */
export function findWaiters(pid: number, parties: readonly LockParty[]): readonly LockParty[] {
  const found = new Set<number>()
  const next = [pid]
  for (let current = next.pop(); current !== undefined; current = next.pop()) {
    for (const { pid: waiter, waitsFor } of parties) {
      if (!waitsFor.includes(current) || found.has(waiter)) continue
      found.add(waiter)
      next.push(waiter)
    }
  }
  return parties
    .filter((party) => found.has(party.pid) && party.pid !== pid)
    .toSorted((one, other) => (other.waitedMs ?? -1) - (one.waitedMs ?? -1))
}

/** Whether a root has blocked others for at least so long. */
export function blocksFor({ blocksForMs }: LockRoot, limitMs: number): boolean {
  return blocksForMs !== undefined && blocksForMs >= limitMs
}

/** Why a root is never ended by pgwatchd; `undefined` when it may be. */
export function reasonToSpare({ party, blocksForMs }: LockRoot, policy: BlockerPolicy): string | undefined {
  const { backendType, application, user, isSuperuser, backendStart, transactionStart } = party
  if (backendType !== 'client backend') return `it is no client: ${backendType === '' ? 'its kind is not known' : backendType}`
  if (backendStart === '' || transactionStart === '') return 'it cannot be named exactly'
  if (application.startsWith('pgwatchd/')) return "it is pgwatchd's own"
  if (isSuperuser && !policy.superusers) return 'it is a session of a superuser'
  if (policy.spareUsers.includes(user)) return `the configuration spares ${user}`
  if (isBackup(party)) return 'it is a backup or dump'
  if (blocksForMs === undefined) return 'how long it blocks is not known'
  return blocksForMs < policy.limitMs ? 'it has not blocked for long enough' : undefined
}

/**
 * The one in the queue behind a root that keeps others from passing: a change of a table that waits for a reader makes every later
 * reader wait. Ending that one lets the others go on, and leaves the root in peace.
 */
export function findQueueHead({ party: root }: LockRoot, parties: readonly LockParty[]): { party: LockParty; frees: number } | undefined {
  const heads = parties
    .filter(({ waitsFor, lock }) => waitsFor.includes(root.pid) && lock.startsWith('AccessExclusiveLock'))
    .map((party) => ({ party, frees: findWaiters(party.pid, parties).length }))
    .toSorted((one, other) => other.frees - one.frees)
  const [head] = heads
  return head === undefined || head.frees === 0 ? undefined : head
}
