import type { Command } from '../cause.ts'
import { describeChosen, describeGroups, describeLimit } from '../sessions/describe-crowd.ts'
import type { Selection } from '../sessions/select-sessions.ts'
import { isClosed, selectSessions } from '../sessions/select-sessions.ts'
import type { Crowd } from '../sessions/session.ts'
import { terminateStatement } from '../sessions/statements.ts'
import type { Diagnosis, Found } from './diagnosis.ts'
import { quote, rejectedWith } from './diagnosis.ts'

/** What the server says when a limit was met, whichever. */
export const SLOTS_TAKEN = '53300'

export const connectionsExhausted: Diagnosis = {
  name: 'connections-exhausted',
  examine(view) {
    const full = rejectedWith(view, [SLOTS_TAKEN]).map(quote)
    if (full.length === 0) return { ruledOut: 'no session was refused for lack of a slot' }
    const { crowd } = view.facts
    if (crowd.status === 'found') return judge(crowd.value, full)
    const why = crowd.status === 'unknown' ? [`who holds the slots could not be told: ${crowd.why}`] : []
    return {
      cause: 'connections-exhausted',
      response: 'person',
      verdict: 'every connection slot is taken; a restart would drop every session and the rush would return',
      evidence: [...full, ...why],
    }
  },
}

function judge(crowd: Crowd, full: readonly string[]): Found {
  const selection = selectSessions(crowd)
  const isEnding = crowd.policy.policy === 'act' && selection.chosen.length > 0
  return {
    cause: 'connections-exhausted',
    ...(isEnding ? { response: 'recover', plan: 'remedies' } : { response: 'person' }),
    verdict: verdictOf(crowd, selection),
    evidence: [...full, ...evidenceOf(crowd, selection)],
    commands: commandsOf(crowd, selection),
    ...(isEnding ? {} : { notDone: [whyNot(crowd, selection)] }),
  }
}

function verdictOf({ doubt }: Crowd, { tightest, needed }: Selection): string {
  if (doubt !== '') return 'every connection slot is taken, those reserved for superusers included'
  if (needed === 0 && !isClosed(tightest))
    return `a login was refused for lack of a slot; by now ${tightest.limit - tightest.used} are free`
  return `the application is refused: ${describeLimit(tightest)}`
}

function evidenceOf({ sessions, limits, doubt }: Crowd, { tightest, chosen, spared, needed }: Selection): readonly string[] {
  return [
    ...(doubt === '' ? [] : [doubt]),
    ...limits.filter((limit) => limit !== tightest).map(describeLimit),
    ...describeGroups(sessions),
    ...(chosen.length === 0 ? [] : [`${needed} have to go for the application to have room; the first that may be ended:`]),
    ...chosen.map(describeChosen),
    ...(spared.length === 0 ? [] : [`not to be ended: ${spared.join(', ')}`]),
  ]
}

/** The exact statement; where no session can be had to run one in, a signal to one client's process gives a superuser its place. */
function commandsOf({ doubt, sessions }: Crowd, { chosen }: Selection): readonly Command[] {
  if (doubt === '') {
    const idle = chosen.every((each) => each.class !== 'active')
    return chosen.length === 0
      ? []
      : [
          {
            sql: terminateStatement(
              chosen.map(({ session }) => session),
              { idle },
            ),
          },
        ]
  }
  const idle = sessions.find(({ state }) => state.startsWith('idle in transaction')) ?? sessions.find(({ state }) => state === 'idle')
  if (idle === undefined) return []
  return [{ shell: `sudo kill -TERM ${idle.pid}   # ends that idle session; then a superuser can log in and look` }]
}

function whyNot({ policy, doubt }: Crowd, { chosen, tightest }: Selection): string {
  if (doubt !== '') return 'no session was ended: which are idle, and for how long, cannot be told without a session'
  if (isClosed(tightest)) return 'no session was ended: that would let nobody in; the limit was set to 0 on purpose'
  if (chosen.length === 0) return 'no session was ended: none of them may be, see above'
  return `no session was ended: recovery.sessions.policy is ${policy.policy}; the first command ends exactly those listed, if they are idle still`
}
