import type { Cause } from '../core/cause.ts'
import type { AlertFacts, AttemptFacts, RecoveryOutcome, Telling } from './alert-facts.ts'
import { causeHeadline } from './cause-headlines.ts'
import { humanDuration } from './human-time.ts'
import { causeCommands, causeOf, clockTime, incidentCommand, ownCommand, verdictOf } from './telling.ts'

/** The outage has begun and something is being done about it. */
export function recoveryStarted(facts: AlertFacts): Telling {
  const attempt = facts.attempts === undefined ? '' : ` (attempt ${facts.attempts.used} of ${facts.attempts.allowed})`
  return {
    headline: `${causeHeadline(causeOf(facts))}, ${wordsFor(facts).doing}${attempt}`,
    verdict: `${verdictOf(facts)}. pgwatchd is recovering it now; another mail tells how it ended`,
    nextCommands: ['pgwatchd status', ...incidentCommand(facts)],
  }
}

/** The proof was seen: it serves. */
export function recoverySucceeded(facts: AlertFacts): Telling {
  const after = facts.downtimeMs === undefined ? '' : ` after ${humanDuration(facts.downtimeMs)}`
  return {
    headline: `${wordsFor(facts).done}${after}`,
    verdict: `${wordsFor(facts).done}, and pgwatchd has proved it. What was wrong: ${verdictOf(facts)}`,
    notDone: leftOver(facts.outcome),
    nextCommands: incidentCommand(facts),
  }
}

export function recoveryFailed(facts: AlertFacts): Telling {
  return {
    headline: `PostgreSQL could not be recovered${countOf(facts.attempts)}`,
    verdict: `${wordsFor(facts).goesOn}. ${whyOf(facts)}. ${nextAct(facts, 'The next attempt begins')}`,
    notDone: leftOver(facts.outcome),
    nextCommands: ['pgwatchd status', ownCommand(facts, 'recover --plan'), ...causeCommands(facts), ...incidentCommand(facts)],
  }
}

/** Nothing safe can be done now; time or a person changes that. */
export function recoveryHeld(facts: AlertFacts): Telling {
  return {
    headline: `PostgreSQL recovery is held up: ${facts.outcome?.why ?? verdictOf(facts)}`,
    verdict: `${wordsFor(facts).isDown}, and nothing safe can be done now. ${whyOf(facts)}. ${nextAct(facts, 'pgwatchd looks again')}`,
    notDone: leftOver(facts.outcome),
    nextCommands: [...causeCommands(facts), ownCommand(facts, 'recover --plan'), ...incidentCommand(facts)],
  }
}

interface Words {
  /** What is being done about it, in a headline. */
  readonly doing: string
  /** What a success means. */
  readonly done: string
  readonly goesOn: string
  readonly isDown: string
}

const RESTART: Words = {
  doing: 'recovery has started',
  done: 'PostgreSQL is serving again',
  goesOn: 'PostgreSQL is still down',
  isDown: 'PostgreSQL is down',
}

/** A server that runs while it is helped is not "down", and it is not what is "serving again". */
const ONLINE: Words = {
  doing: 'it is helped without a restart',
  done: 'PostgreSQL answers as it should again',
  goesOn: 'The server runs, and the trouble goes on',
  isDown: 'The server runs, the trouble goes on',
}

const BY_CAUSE: Partial<Readonly<Record<Cause, Words>>> = {
  'connections-exhausted': { ...ONLINE, doing: 'sessions are ended', done: 'the application is served again' },
  blocked: { ...ONLINE, doing: 'what blocks them is ended', done: 'the blocked sessions of PostgreSQL go on' },
}

function wordsFor(facts: AlertFacts): Words {
  if (facts.assessment?.plan !== 'remedies') return RESTART
  return BY_CAUSE[causeOf(facts) ?? 'unclear'] ?? ONLINE
}

const UNTIL_RESUMED = 'pgwatchd does nothing more until you run "pgwatchd resume", or until PostgreSQL serves again'

/** The one mail that asks for a person and has all that this person needs. */
export function recoveryExhausted(facts: AlertFacts): Telling {
  return {
    headline: 'PostgreSQL is down, pgwatchd has given up',
    verdict: `${spent(facts.attempts)}. ${UNTIL_RESUMED}. ${whyOf(facts)}`,
    notDone: leftOver(facts.outcome),
    nextCommands: [...incidentCommand(facts), ownCommand(facts, 'recover --plan'), ...causeCommands(facts), ownCommand(facts, 'resume')],
  }
}

export function recoveredWithoutUs(facts: AlertFacts): Telling {
  const after = facts.downtimeMs === undefined ? '' : ` after ${humanDuration(facts.downtimeMs)}`
  return {
    headline: `PostgreSQL is serving again${after}, without help from pgwatchd`,
    verdict: `PostgreSQL is serving again; pgwatchd did not bring that about. What was wrong: ${verdictOf(facts)}`,
    nextCommands: incidentCommand(facts),
  }
}

function whyOf(facts: AlertFacts): string {
  const { outcome } = facts
  if (outcome === undefined) return `The cause: ${verdictOf(facts)}`
  return outcome.step === undefined ? `Why: ${outcome.why}` : `It ended in the step ${outcome.step}: ${outcome.why}`
}

function countOf(attempts: AttemptFacts | undefined): string {
  return attempts === undefined ? '' : ` (attempt ${attempts.used} of ${attempts.allowed})`
}

function spent(attempts: AttemptFacts | undefined): string {
  if (attempts === undefined) return 'All attempts to recover PostgreSQL are spent'
  return `All ${attempts.allowed} attempts allowed within ${humanDuration(attempts.windowMs)} are spent, those that helped included`
}

function nextAct(facts: AlertFacts, what: string): string {
  if (facts.nextActWallMs === undefined) return 'pgwatchd goes on watching'
  return `${what} at ${clockTime(facts.nextActWallMs)}`
}

function leftOver(outcome: RecoveryOutcome | undefined): readonly string[] {
  if (outcome === undefined) return []
  return [...outcome.notDone, ...outcome.notUndone.map((sentence) => `could not be undone: ${sentence}`)]
}
