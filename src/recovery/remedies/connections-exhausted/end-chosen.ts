import { describeChosen, describeLimit } from '../../../core/sessions/describe-crowd.ts'
import type { Chosen, Selection, SessionClass } from '../../../core/sessions/select-sessions.ts'
import { selectSessions } from '../../../core/sessions/select-sessions.ts'
import { terminateUnchangedStatement } from '../../../core/sessions/statements.ts'
import { recordChange } from '../../changes/change-log.ts'
import { keepInIncident, timeStamp } from '../../server/incident-files.ts'
import { pollUntil } from '../../server/poll.ts'
import type { Check, StepContext } from '../../step.ts'
import type { RemedyResult } from '../remedy.ts'

/** A rush takes what is given back: after so many rounds a person has to find out who connects so often. */
const ROUNDS = 3
const STATEMENT_TIMEOUT_MS = 5_000
const LOGIN_TIMEOUT_MS = 2_000
/** How long ended sessions may take to give their slots back. */
const SLOTS_TIMEOUT_MS = 3_000

/** What ends the sessions of one class. */
export async function checkClass(context: StepContext, wanted: SessionClass, signal: AbortSignal): Promise<Check> {
  const crowd = await context.sessions.crowd(signal)
  if (crowd.doubt !== '') return { go: 'stop', because: `nothing can be ended exactly: ${crowd.doubt}`, held: true }
  const selection = selectSessions(crowd)
  const chosen = ofClass(selection, wanted)
  const list = chosen.map(describeChosen).join('; ')
  if (chosen.length > 0 && crowd.policy.policy !== 'act')
    return { go: 'stop', because: `recovery.sessions.policy is ${crowd.policy.policy}: these would be ended: ${list}`, held: true }
  if (chosen.length > 0) return { go: 'run', because: list }
  if (selection.needed === 0) return { go: 'skip', because: 'there is room for further logins' }
  return { go: 'skip', because: `no session that may be ended is ${wanted}` }
}

/**
 * Ends as many sessions of that class as are needed, those that have done nothing since they were looked at, until the application
 * can log in and has its headroom. Mended is only what the application's own login proves.
 */
export async function endClass(
  context: StepContext,
  by: string,
  wanted: SessionClass,
  signal: AbortSignal,
): Promise<RemedyResult<undefined>> {
  const did: string[] = []
  for (let round = 0; round < ROUNDS && !signal.aborted; round += 1) {
    const chosen = ofClass(await select(context, signal), wanted)
    if (chosen.length === 0) break
    did.push(...(await end(context, by, chosen, signal)))
    await awaitLogin(context, signal)
  }
  return judge(context, wanted, did, signal)
}

async function select(context: StepContext, signal: AbortSignal): Promise<Selection> {
  return selectSessions(await context.sessions.crowd(signal))
}

function ofClass({ chosen }: Selection, wanted: SessionClass): readonly Chosen[] {
  return chosen.filter((each) => each.class === wanted)
}

/** Keeps who held the slots, records who is to be ended, and ends them. */
async function end(context: StepContext, by: string, chosen: readonly Chosen[], signal: AbortSignal): Promise<readonly string[]> {
  const crowd = await context.sessions.crowd(signal)
  await keepInIncident(context, `sessions-${timeStamp(context)}.json`, `${JSON.stringify(crowd, undefined, 1)}\n`)
  await recordChange(context, by, { kind: 'sessions-ended', sessions: chosen.map(describeChosen) })
  const text = terminateUnchangedStatement(chosen.map(({ session }) => session))
  const answer = await context.sessions.use(signal, (session) => session.query({ text, timeoutMs: STATEMENT_TIMEOUT_MS }, signal))
  if (!answer.ok) return [`could not end sessions: ${answer.failure.message}`]
  const ended = new Set(answer.value.filter((row) => row['ended'] === true).map((row) => row['pid']))
  return chosen.filter(({ session }) => ended.has(session.pid)).map((each) => `ended the session with ${describeChosen(each)}`)
}

/** By a fresh login of the application; where none is configured, of the superuser. */
async function canLogIn({ outside: { postgres } }: StepContext, signal: AbortSignal): Promise<boolean> {
  const role = postgres.has('application') ? 'application' : 'superuser'
  const opened = await postgres.open({ role, timeoutMs: LOGIN_TIMEOUT_MS, purpose: 'recovery' }, signal)
  if (opened.ok) await opened.value.close()
  return opened.ok
}

async function awaitLogin(context: StepContext, signal: AbortSignal): Promise<boolean> {
  const limits = { timeoutMs: SLOTS_TIMEOUT_MS, intervalMs: 50 }
  return pollUntil(context.outside.clock, limits, signal, () => canLogIn(context, signal))
}

async function judge(
  context: StepContext,
  wanted: SessionClass,
  did: readonly string[],
  signal: AbortSignal,
): Promise<RemedyResult<undefined>> {
  const isIn = await awaitLogin(context, signal)
  const { tightest, needed, chosen } = await select(context, signal)
  if (isIn && chosen.every((each) => each.class === wanted)) {
    const short = needed === 0 ? [] : [`the headroom was not reached: ${describeLimit(tightest)}`]
    return { ended: 'mended', did, notDone: short }
  }
  if (isIn) return { ended: 'partly', left: undefined, did }
  const why = did.length === 0 ? 'no session was idle any more when it came to ending it' : 'what was given back was taken again at once'
  return { ended: 'not-mended', why: `${why}: ${describeLimit(tightest)}`, did }
}
