import type { Effect } from './effect.ts'
import type { EventType } from './event.ts'
import type { GuardName } from './guards.ts'
import type { Mode } from './state.ts'

/** One answer to one event in one mode. */
export interface Row {
  readonly to: Mode
  readonly do?: readonly Effect[]
  /** The reason, as it is logged and drawn. */
  readonly why: string
}
interface GuardedRow extends Row {
  readonly when: GuardName
}
interface FinalRow extends Row {
  readonly when?: never
}

/** Tried top to bottom; the last row has no guard, so one always matches. */
export type Rows = readonly [...GuardedRow[], FinalRow]

/** Nothing changes. */
export const stays = (mode: Mode, why: string): Rows => [{ to: mode, why }]

/** What a failure means wherever pgwatchd is free to act. */
export function failure(unconfirmed: Mode): Rows {
  return [
    {
      when: 'confirmed, but only observing',
      to: 'waiting',
      do: ['open-incident', 'alert-person-needed'],
      why: 'Failure confirmed; configured to observe only',
    },
    {
      when: 'confirmed, but its cause allows no further attempt',
      to: 'waiting',
      do: ['open-incident', 'alert-person-needed'],
      why: 'Failure confirmed; its cause allows no further attempt, a person is needed',
    },
    {
      when: 'confirmed, but its remedies are spent',
      to: 'waiting',
      do: ['open-incident', 'alert-person-needed'],
      why: 'Failure confirmed; its remedies were tried as often as allowed, a person is needed',
    },
    {
      when: 'confirmed, but attempts are spent',
      to: 'exhausted',
      do: ['open-incident', 'alert-exhausted'],
      why: 'Failure confirmed, but the attempts are spent',
    },
    {
      when: 'confirmed, but cooling down',
      to: 'waiting',
      do: ['open-incident'],
      why: 'Failure confirmed; cooling down after an attempt that did not help',
    },
    { when: 'confirmed', to: 'recovering', do: ['open-incident', 'start-recovery'], why: 'Failure confirmed' },
    { to: unconfirmed, do: ['open-incident'], why: 'Failure not confirmed yet' },
  ]
}

/** Told at once, left alone for the grace. */
export const OPERATOR_STOP: Rows = [
  {
    when: 'grace is over, but only observing',
    to: 'waiting',
    do: ['open-incident', 'alert-person-needed'],
    why: 'Stopped by an operator; the grace is over, configured to observe only',
  },
  {
    when: 'grace is over, but attempts are spent',
    to: 'exhausted',
    do: ['open-incident', 'alert-exhausted'],
    why: 'Stopped by an operator; the grace is over, but the attempts are spent',
  },
  {
    when: 'grace is over, but cooling down',
    to: 'waiting',
    do: ['open-incident'],
    why: 'Stopped by an operator; cooling down after an attempt that did not help',
  },
  {
    when: 'grace is over',
    to: 'recovering',
    do: ['open-incident', 'start-recovery'],
    why: 'Stopped by an operator, and the grace is over',
  },
  { to: 'waiting', do: ['open-incident', 'alert-operator-stopped'], why: 'Stopped by an operator; left alone' },
]

/** Crash recovery, a shutdown under way, or a wait for what time brings. */
export const HEALING: Rows = [
  {
    when: 'there is no room',
    to: 'waiting',
    do: ['open-incident', 'alert-waiting'],
    why: 'Not serving; a start could only fail until there is room',
  },
  { when: 'it takes long', to: 'waiting', do: ['open-incident', 'alert-waiting'], why: 'Not serving yet, and it takes long' },
  { to: 'waiting', do: ['open-incident'], why: 'Not serving yet; no remedy is faster than waiting' },
]

/** A cause that a restart cannot help: told when it is confirmed. */
export const personNeeded = (unconfirmed: Mode): Rows => [
  { when: 'confirmed', to: 'waiting', do: ['open-incident', 'alert-person-needed'], why: 'A cause that no restart can help' },
  { to: unconfirmed, do: ['open-incident'], why: 'Trouble not confirmed yet' },
]

/** Hands off. */
export const PAUSE: Rows = [{ to: 'paused', do: ['close-incident'], why: 'Paused by an operator' }]
/** An operator may ask for a recovery before its time. */
export const REQUESTED: Rows = [{ to: 'recovering', do: ['open-incident', 'start-recovery'], why: 'Recovery requested by an operator' }]

/** The cluster serves again; whoever was told of the trouble is told of its end. */
export const recovered = (mode: Mode): Rows => [
  { when: 'a person was told', to: mode, do: ['alert-recovered-without-us', 'close-incident'], why: 'Serving again without help' },
  { to: mode, do: ['close-incident'], why: 'Serving again' },
]

type RecoveryEvent = Extract<EventType, `recovery-${'succeeded' | 'failed' | 'held' | 'impossible'}`>

const NO_RECOVERY = 'No recovery is under way'

/** Results of a recovery that this state does not have under way: late, and of no consequence. */
export function noRecovery(mode: Mode): Readonly<Record<RecoveryEvent, Rows>> {
  return {
    'recovery-succeeded': stays(mode, NO_RECOVERY),
    'recovery-failed': stays(mode, NO_RECOVERY),
    'recovery-held': stays(mode, NO_RECOVERY),
    'recovery-impossible': stays(mode, NO_RECOVERY),
  }
}
