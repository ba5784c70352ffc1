import type { Cause } from '../core/cause.ts'
import { CAUSE_TABLE } from '../core/causes.ts'
import type { AlertFacts, LoginFacts, Telling } from './alert-facts.ts'
import { causeHeadline } from './cause-headlines.ts'
import { humanDuration } from './human-time.ts'
import { commandsFor } from './next-commands.ts'
import { causeCommands, causeOf, clockTime, holderCommands, incidentCommand, ownCommand } from './telling.ts'

/** Why pgwatchd leaves a cause to a person. */
const WHY_A_PERSON: Partial<Readonly<Record<Cause, string>>> = {
  'start-stalled': 'not restarted: that would begin the recovery of the server from the start',
  'connections-exhausted': 'not restarted: that would end every session, and the application would take the slots again',
  'auth-broken': 'not restarted: no restart helps against a refused login',
  slow: 'not restarted: a restart empties the caches and ends every session',
  'storage-hangs':
    'nothing was stopped or killed: these processes go on by themselves when the storage answers, and no signal reaches them',
  'cannot-be-stopped': 'nothing more was killed, and nothing was started beside what still lives: two servers on one directory destroy it',
  blocked: 'not restarted: that would end every session for the sake of one',
  'read-only': 'not restarted: that does not make a cluster writable; a standby is not a broken primary',
  'disk-full': 'not restarted: without room PostgreSQL cannot even write its pid file',
  'configuration-broken': 'not restarted: PostgreSQL would refuse to start with this configuration',
  unstartable: 'not started: the start could only fail',
  'wal-damaged': 'not started, and held back from being started: the transactions behind the damage would be lost without a word',
  'not-ours': 'nothing was done: the manager that owns the cluster decides',
}

/** A cause that only a person can mend, told with what to look at for exactly this cause. */
export function personNeeded(facts: AlertFacts): Telling {
  const cause = causeOf(facts) ?? 'unclear'
  const why = isActedOn(facts) ? whyNotActed(facts) : WHY_A_PERSON[cause]
  return {
    severity: CAUSE_TABLE[cause].severity,
    headline: `${causeHeadline(cause)}${loginName(cause, facts.login)}`,
    notDone: [...(why === undefined ? [] : [why]), ...(facts.assessment?.notDone ?? [])],
    nextCommands: [...causeCommands(facts), ...incidentCommand(facts)],
  }
}

/** What would be recovered is left to a person only where pgwatchd may not act, or no more. */
function isActedOn(facts: AlertFacts): boolean {
  return facts.assessment?.response === 'recover' || facts.assessment?.response === 'grace'
}

function whyNotActed({ onlyObserves, attempts }: AlertFacts): string {
  if (onlyObserves !== false || attempts === undefined) return 'nothing was done: pgwatchd is configured to observe only (recovery.mode)'
  const used = `${attempts.used} of the ${attempts.allowed} attempts allowed within ${humanDuration(attempts.windowMs)}`
  return `nothing more is done: ${used} were made, and this cause allows no further one now`
}

function loginName(cause: Cause, login: LoginFacts | undefined): string {
  if (cause !== 'auth-broken' || login === undefined) return ''
  const code = login.sqlState === '' ? '' : ` (SQLSTATE ${login.sqlState})`
  return `: user ${login.user}, database ${login.database}${code}`
}

export function operatorStopped(facts: AlertFacts): Telling {
  return facts.assessment?.response === 'wait' ? atWork(facts, facts.assessment.verdict) : leftAlone(facts)
}

/** Whose work it is that a start would spoil stands in the verdict. */
function atWork(facts: AlertFacts, verdict: string): Telling {
  const { cluster } = facts
  return {
    headline: `PostgreSQL is left alone: ${verdict}`,
    notDone: ['not started: a start would spoil that work, or be spoiled by it; when the work has ended, the grace for a stop begins anew'],
    nextCommands: [
      ...(cluster === undefined ? [] : [`sudo lsof +D ${cluster.dataDirectory}  # who has files open`]),
      ...incidentCommand(facts),
    ],
    repeatKey: 'work',
  }
}

function leftAlone(facts: AlertFacts): Telling {
  const { nextActWallMs } = facts
  const stopped = 'PostgreSQL was stopped by an operator'
  const noticed = clockTime(facts.incident?.openedAtWallMs ?? facts.wallMs)
  const until = nextActWallMs === undefined ? '' : clockTime(nextActWallMs)
  const commands = [`${ownCommand(facts, 'pause')}    # keep it stopped`, `${ownCommand(facts, 'recover')}  # start it now`]
  return {
    headline: until === '' ? stopped : `${stopped}, left alone until ${until}`,
    verdict: `${stopped}, noticed at ${noticed}. It is left alone until ${until === '' ? 'somebody starts it' : `${until}, then started again`}`,
    nextCommands: [...commands, ...incidentCommand(facts)],
  }
}

/** It heals itself, and that takes long enough to be told. */
export function starting(facts: AlertFacts): Telling {
  const since = facts.downtimeMs === undefined ? '' : ` for ${humanDuration(facts.downtimeMs)}`
  return {
    headline: `PostgreSQL has not been serving${since}: ${facts.assessment?.verdict ?? causeHeadline(causeOf(facts))}`,
    notDone: ['nothing was done: waiting is the fastest remedy; a restart would begin it anew'],
    nextCommands: ['pgwatchd status', ...causeCommands(facts)],
  }
}

export function warning(facts: AlertFacts): Telling {
  const sentence = facts.matter?.sentence ?? 'something deserves attention'
  return { headline: sentence, verdict: sentence, nextCommands: warningCommands(facts) }
}

export function warningCleared(facts: AlertFacts): Telling {
  const sentence = facts.matter?.sentence ?? 'a warning'
  return { headline: `over: ${sentence}`, verdict: `This warning is over: ${sentence}`, evidence: [], nextCommands: [] }
}

function warningCommands(facts: AlertFacts): readonly string[] {
  if (facts.cluster === undefined) return []
  const cause = facts.matter?.key.startsWith('disk') === true ? 'disk-full' : facts.assessment?.cause
  return ['pgwatchd probe', ...holderCommands(facts, facts.cluster), ...commandsFor(cause, facts.cluster, facts.login)]
}
