import { isBackup } from './backup-programs.ts'
import type { Crowd, ServerSession, SessionPolicy, SlotLimit } from './session.ts'

/** Ended in this order; within one, the longest first. */
export const SESSION_CLASSES = ['idle in transaction', 'idle', 'active'] as const
export type SessionClass = (typeof SESSION_CLASSES)[number]

/** A session that may be ended, and as what. */
export interface Chosen {
  readonly session: ServerSession
  readonly class: SessionClass
}

export interface Selection {
  /** The limit that leaves the fewest logins. */
  readonly tightest: SlotLimit
  /** Slots that are to be given back. */
  readonly needed: number
  /** What ends them, in order; as many as are needed, or fewer. */
  readonly chosen: readonly Chosen[]
  /** "of a backup or dump (2)": why others that hold a slot are not chosen. */
  readonly spared: readonly string[]
}

/** In one act, however large the headroom. */
const MOST_CHOSEN = 50

/** Which sessions to end so that the application can log in: no more than give back the headroom, never one that is at work. */
export function selectSessions({ sessions, limits, policy }: Crowd): Selection {
  const tightest = findTightest(limits)
  const needed = computeNeeded(tightest, policy)
  const within = sessions.filter((session) => counts(session, tightest))
  const judged = within.map((session) => ({ session, verdict: judge(session, policy) }))
  const endable = SESSION_CLASSES.flatMap((wanted) =>
    judged
      .filter(({ verdict }) => verdict === wanted)
      .map(({ session }) => ({ session, class: wanted }))
      .toSorted((one, other) => other.session.stateForMs - one.session.stateForMs),
  )
  return { tightest, needed, chosen: endable.slice(0, Math.min(needed, MOST_CHOSEN)), spared: describeSpared(judged) }
}

function findTightest(limits: readonly SlotLimit[]): SlotLimit {
  const [first, ...others] = limits
  if (first === undefined) return { scope: 'server', name: '', limit: 0, used: 0 }
  return others.reduce((tightest, limit) => (freeOf(limit) < freeOf(tightest) ? limit : tightest), first)
}

export function freeOf({ limit, used }: SlotLimit): number {
  return limit - used
}

/** A limit of 0 was set to keep everybody out: nothing that is ended would let anybody in. */
export function isClosed({ scope, limit }: SlotLimit): boolean {
  return scope !== 'server' && limit === 0
}

/** Never more than half of a small limit. */
function computeNeeded(tightest: SlotLimit, { headroom }: SessionPolicy): number {
  if (isClosed(tightest)) return 0
  return Math.max(0, Math.min(headroom, Math.max(1, Math.floor(tightest.limit / 2))) - freeOf(tightest))
}

function counts({ user, database }: ServerSession, { scope, name }: SlotLimit): boolean {
  return scope === 'server' || (scope === 'role' ? user === name : database === name)
}

type Spared = 'superuser' | 'spared user' | 'backup or dump' | 'own' | 'at work' | 'not idle for long' | 'unknown'

function judge(session: ServerSession, policy: SessionPolicy): SessionClass | Spared {
  if (session.application.startsWith('pgwatchd/')) return 'own'
  if (session.backendStart === '') return 'unknown'
  if (session.isSuperuser && !policy.superusers) return 'superuser'
  if (policy.spareUsers.includes(session.user)) return 'spared user'
  if (isBackup(session)) return 'backup or dump'
  return judgeState(session, policy)
}

function judgeState({ state, stateForMs }: ServerSession, policy: SessionPolicy): SessionClass | Spared {
  if (state.startsWith('idle in transaction')) return stateForMs >= policy.idleInTransactionMs ? 'idle in transaction' : 'not idle for long'
  if (state === 'idle') return stateForMs >= policy.idleMs ? 'idle' : 'not idle for long'
  if (state !== 'active' && state !== 'fastpath function call') return 'unknown'
  return policy.activeMs > 0 && stateForMs >= policy.activeMs ? 'active' : 'at work'
}

const SPARED: Readonly<Record<Spared, string>> = {
  'at work': 'running a statement',
  'not idle for long': 'not idle for long enough',
  superuser: 'of superusers',
  'spared user': 'of users spared by configuration',
  'backup or dump': 'of a backup or dump',
  own: "pgwatchd's own",
  unknown: 'in a state that is not known',
}

function describeSpared(judged: readonly { readonly verdict: SessionClass | Spared }[]): readonly string[] {
  return Object.entries(SPARED).flatMap(([kind, words]) => {
    const count = judged.filter(({ verdict }) => verdict === kind).length
    return count === 0 ? [] : [`${words} (${count})`]
  })
}
