import type { AlertFacts } from '../alerts/alert-facts.ts'
import { buildAlert } from '../alerts/build-alert.ts'
import { budgetOf, planOf } from '../core/budget.ts'
import type { AlertKind } from '../core/alert.ts'
import type { Decision } from '../core/decide.ts'
import { after, elapsedMs } from '../core/instant.ts'
import { cooldownMs } from '../core/limits.ts'
import type { State } from '../core/state.ts'
import type { OutsideError } from '../ports/outside-error.ts'
import { downtimeMs } from './incidents.ts'
import { instantOf } from './instant-of.ts'
import { holdersFor } from './space-holders.ts'
import type { Watch } from './watch.ts'

/** As the issue of a mail to a person woken at night: enough to see what the server said last. */
const LOG_TAIL_LINES = 20

/** Tells people of a decision. */
export async function tell(watch: Watch, decision: Decision, kind: AlertKind): Promise<void> {
  const assessment = assessmentOf(watch, decision)
  const facts: AlertFacts = {
    ...(await commonFacts(watch, kind)),
    assessment,
    outcome: watch.lastOutcome,
    attempts: attemptsOf(watch, decision),
    onlyObserves: watch.settings.limits.mode === 'observe',
    downtimeMs: downtimeMs(watch, decision),
    nextActWallMs: nextActWallMs(watch, decision.state),
    holders: await holdersFor(watch, decision.state.cause === 'disk-full' || assessment?.cause === 'disk-full'),
  }
  await watch.alerting.raise(buildAlert(facts))
}

/** Tells people of something beside the state machine: a warning, its end. */
export async function tellMatter(watch: Watch, kind: AlertKind, key: string, sentence: string): Promise<void> {
  const holders = await holdersFor(watch, kind === 'warning' && key.startsWith('disk:'))
  const common = await commonFacts(watch, kind)
  await watch.alerting.raise(
    buildAlert({ ...common, incident: undefined, matter: { key, sentence }, assessment: watch.assessment, holders }),
  )
}

export async function tellStateNotSaved(watch: Watch, error: OutsideError): Promise<void> {
  await tellMatter(watch, 'state-not-saved', `state:${watch.cluster.name}`, error.message)
}

async function commonFacts(watch: Watch, kind: AlertKind): Promise<AlertFacts> {
  return {
    kind,
    host: watch.host,
    wallMs: watch.outside.clock.wallMs(),
    cluster: watch.cluster,
    incident: watch.incident,
    login: loginOf(watch),
    logTail: await watch.serverLog.tail(LOG_TAIL_LINES),
  }
}

function attemptsOf({ settings: { limits } }: Watch, { state, event }: Decision): AlertFacts['attempts'] {
  return { used: budgetOf(state, planOf(state, event)).attempts.length, allowed: limits.attempts, windowMs: limits.windowMs }
}

function loginOf(watch: Watch): AlertFacts['login'] {
  const sqlState = watch.readings?.authentication.evidence['sqlState']
  return watch.login === undefined ? undefined : { ...watch.login, sqlState: typeof sqlState === 'string' ? sqlState : '' }
}

function assessmentOf(watch: Watch, { event }: Decision): AlertFacts['assessment'] {
  if ('assessment' in event) return event.assessment
  return watch.assessment?.cause === undefined ? undefined : watch.assessment
}

/** When pgwatchd will act by itself: the end of a grace, or of a cooldown. */
function nextActWallMs(watch: Watch, state: State): number | undefined {
  const { limits } = watch.settings
  if (state.mode !== 'waiting' || limits.mode === 'observe') return undefined
  if (state.graceSince !== null && limits.operatorStop.action === 'recover')
    return after(state.graceSince, limits.operatorStop.graceMs).wallMs
  const { fruitlessInRow, lastFruitlessAt } = budgetOf(state, state.plan)
  if (lastFruitlessAt === null) return undefined
  const left = cooldownMs(limits, fruitlessInRow) - elapsedMs(lastFruitlessAt, instantOf(watch.outside.clock))
  return watch.outside.clock.wallMs() + Math.max(0, left)
}
