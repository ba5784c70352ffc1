import { describeDuration } from '../describe-duration.ts'
import { placeOf } from './describe-crowd.ts'
import type { LockConflicts, LockParty, LockRoot, PreparedTransaction } from './lock-conflicts.ts'

const MOST_WAITERS = 8

/** "pid 4711 of app on shop from 10.0.0.5 (psql)" */
export function describeParty({ pid, application, backendType, ...party }: LockParty): string {
  if (backendType === '') return `pid ${pid}, which is not logged in yet,`
  if (backendType !== 'client backend') return `pid ${pid} (${backendType})`
  return `pid ${pid} of ${placeOf(party)}${application === '' ? '' : ` (${application})`}`
}

/** The tree below one root, who waits for whom, since when, and in which statement. */
export function describeRoot(root: LockRoot): readonly string[] {
  const { party, waiters, blocksForMs } = root
  const count = waiters.length === 1 ? '1 session waits' : `${waiters.length} sessions wait`
  const since = blocksForMs === undefined ? '' : `, for up to ${describeDuration(blocksForMs)}`
  const state = party.state === '' ? '' : `, ${party.state} for ${describeDuration(party.stateForMs)}`
  const rest = waiters.length - MOST_WAITERS
  return [
    `${describeParty(party)}${state}, has what ${count} for${since}; ${party.state === 'active' ? 'its' : 'its last'} statement: ${party.statement || 'not known'}`,
    ...waiters.slice(0, MOST_WAITERS).map(describeWaiter),
    ...(rest > 0 ? [`${rest} more wait for it`] : []),
  ]
}

function describeWaiter(party: LockParty): string {
  const since = party.waitedMs === undefined ? 'waits' : `has waited ${describeDuration(party.waitedMs)}`
  const forWhom = party.waitsFor.map((pid) => (pid === 0 ? 'a prepared transaction' : `pid ${pid}`)).join(', ')
  return `${describeParty(party)} ${since} for ${forWhom} (${party.lock})${party.statement === '' ? '' : `: ${party.statement}`}`
}

export function describePrepared({ gid, owner, database, preparedForMs, blocks }: PreparedTransaction): string {
  const waiters = blocks.slice(0, MOST_WAITERS).map((pid) => `pid ${pid}`)
  const since = describeDuration(preparedForMs)
  return `the prepared transaction ${gid} of ${owner} on ${database}, prepared ${since} ago, has what others wait for: ${waiters.join(', ')}`
}

/** "3 sessions wait for a lock, for up to 12 min" */
export function describeWaits({ parties }: Pick<LockConflicts, 'parties'>): string {
  const waiting = parties.filter(({ waitsFor }) => waitsFor.length > 0)
  const longestMs = Math.max(0, ...waiting.map(({ waitedMs }) => waitedMs ?? 0))
  const count = waiting.length === 1 ? '1 session waits' : `${waiting.length} sessions wait`
  return `${count} for a lock${longestMs > 0 ? `, for up to ${describeDuration(longestMs)}` : ''}`
}
