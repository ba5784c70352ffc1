import { describeDuration } from '../describe-duration.ts'
import type { Chosen } from './select-sessions.ts'
import { freeOf, isClosed } from './select-sessions.ts'
import type { ServerSession, SlotLimit } from './session.ts'

const MOST_GROUPS = 10

/** "all 97 connections that the application may have are taken" */
export function describeLimit(limit: SlotLimit): string {
  const { scope, name, used } = limit
  if (isClosed(limit)) return `the connection limit of ${scope} ${name} is 0: somebody keeps everybody out of it`
  const taken = freeOf(limit) <= 0 ? `all ${limit.limit}` : `${used} of ${limit.limit}`
  if (scope === 'server') return `${taken} connections that are not reserved for superusers are taken`
  const statement = `ALTER ${scope.toUpperCase()} ... CONNECTION LIMIT`
  return `${taken} connections that ${scope} ${name} may have (${statement}) are taken; the server itself has room`
}

/** Sessions by user, database, address and state, the largest group first: "60 of app on shop from 10.0.0.5, idle in transaction, for up to 2 h". */
export function describeGroups(sessions: readonly ServerSession[]): readonly string[] {
  const groups = Object.values(
    Object.groupBy(sessions, ({ user, database, address, state }) => [user, database, address, state].join('\0')),
  )
  const largestFirst = groups.flatMap((group) => (group === undefined ? [] : [group])).sort((one, other) => other.length - one.length)
  const rest = largestFirst.slice(MOST_GROUPS).reduce((sum, group) => sum + group.length, 0)
  return [...largestFirst.slice(0, MOST_GROUPS).map(describeGroup), ...(rest === 0 ? [] : [`${rest} further sessions`])]
}

function describeGroup(group: readonly ServerSession[]): string {
  const [first] = group
  if (first === undefined) return ''
  const longestMs = Math.max(...group.map(({ stateForMs }) => stateForMs))
  const since = longestMs > 0 ? `, for up to ${describeDuration(longestMs)}` : ''
  return `${group.length} of ${placeOf(first)}, ${first.state === '' ? 'in an unknown state' : first.state}${since}`
}

/** "pid 4711 of app on shop from 10.0.0.5 (psql), idle in transaction for 12 min" */
export function describeChosen({ session }: Chosen): string {
  const { pid, application, state, stateForMs } = session
  const program = application === '' ? '' : ` (${application})`
  return `pid ${pid} of ${placeOf(session)}${program}, ${state} for ${describeDuration(stateForMs)}`
}

/** "app on shop from 10.0.0.5" */
export function placeOf({ user, database, address }: Pick<ServerSession, 'user' | 'database' | 'address'>): string {
  return `${user} on ${database} ${address === 'local' ? 'over the socket' : `from ${address}`}`
}
