import type { Effect } from './effect.ts'
import type { EventType } from './event.ts'
import type { GuardName } from './guards.ts'
import type { Mode } from './state.ts'

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

type Answers = Readonly<Record<EventType, Rows>>

const stays = (mode: Mode, why: string): Rows => [{ to: mode, why }]

/** What a failure means wherever pgwatchd is free to act. */
function failure(unconfirmed: Mode): Rows {
  return [
    {
      when: 'confirmed, but only observing',
      to: 'waiting',
      do: ['open-incident', 'alert-person-needed'],
      why: 'Failure confirmed; configured to observe only',
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

const OPERATOR_STOP: Rows = [
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

const HEALING: Rows = [
  { when: 'it takes long', to: 'waiting', do: ['open-incident', 'alert-waiting'], why: 'Not serving yet, and it takes long' },
  { to: 'waiting', do: ['open-incident'], why: 'Not serving yet; no remedy is faster than waiting' },
]

const personNeeded = (unconfirmed: Mode): Rows => [
  { when: 'confirmed', to: 'waiting', do: ['open-incident', 'alert-person-needed'], why: 'A cause that no restart can help' },
  { to: unconfirmed, do: ['open-incident'], why: 'Trouble not confirmed yet' },
]

const PAUSE: Rows = [{ to: 'paused', do: ['close-incident'], why: 'Paused by an operator' }]
const REQUESTED: Rows = [{ to: 'recovering', do: ['open-incident', 'start-recovery'], why: 'Recovery requested by an operator' }]

const recovered = (mode: Mode): Rows => [
  { when: 'a person was told', to: mode, do: ['alert-recovered-without-us', 'close-incident'], why: 'Serving again without help' },
  { to: mode, do: ['close-incident'], why: 'Serving again' },
]

const NO_RECOVERY = 'No recovery is under way'

/** Results of a recovery that this state does not have under way: late, and of no consequence. */
function noRecovery(mode: Mode) {
  return {
    'recovery-succeeded': stays(mode, NO_RECOVERY),
    'recovery-failed': stays(mode, NO_RECOVERY),
    'recovery-held': stays(mode, NO_RECOVERY),
    'recovery-impossible': stays(mode, NO_RECOVERY),
  } as const
}

/** What `suspect` and `waiting` share; they differ in what an unconfirmed failure leaves them in. */
function troubled(mode: 'suspect' | 'waiting'): Answers {
  return {
    'probes-passed': recovered('healthy'),
    'healing-observed': HEALING,
    'failure-suspected': failure(mode),
    'failure-proven': failure(mode),
    'operator-stop-observed': OPERATOR_STOP,
    'person-needed': personNeeded(mode),
    ...noRecovery(mode),
    'daemon-started': stays(mode, 'Taken up where the last run ended'),
    'recovery-requested': REQUESTED,
    'operator-paused': PAUSE,
    'operator-resumed': stays(mode, 'Not paused'),
    'pause-expired': stays(mode, 'Not paused'),
  }
}

/** Every mode answers every event: the compiler refuses a missing pair. */
export const TRANSITIONS: Readonly<Record<Mode, Answers>> = {
  healthy: {
    ...troubled('suspect'),
    'probes-passed': stays('healthy', 'Healthy'),
    ...noRecovery('healthy'),
    'daemon-started': stays('healthy', 'Taken up where the last run ended'),
    'operator-resumed': stays('healthy', 'Not paused'),
    'pause-expired': stays('healthy', 'Not paused'),
  },
  suspect: troubled('suspect'),
  waiting: troubled('waiting'),
  recovering: {
    'probes-passed': stays('recovering', 'The recovery under way decides'),
    'healing-observed': stays('recovering', 'The recovery under way decides'),
    'failure-suspected': stays('recovering', 'The recovery under way decides'),
    'failure-proven': stays('recovering', 'The recovery under way decides'),
    'operator-stop-observed': stays('recovering', 'The recovery under way decides'),
    'person-needed': stays('recovering', 'The recovery under way decides'),
    'recovery-succeeded': [
      { when: 'a pause is set', to: 'paused', do: ['alert-recovered', 'close-incident'], why: 'Recovered; paused by an operator' },
      { to: 'healthy', do: ['alert-recovered', 'close-incident'], why: 'Recovered' },
    ],
    'recovery-failed': [
      {
        when: 'a pause is set',
        to: 'paused',
        do: ['alert-recovery-failed', 'close-incident'],
        why: 'Recovery failed; paused by an operator',
      },
      { when: 'attempts are spent', to: 'exhausted', do: ['alert-exhausted'], why: 'Recovery failed, and the attempts are spent' },
      { to: 'waiting', do: ['alert-recovery-failed'], why: 'Recovery failed; cooling down' },
    ],
    'recovery-held': [
      { when: 'a pause is set', to: 'paused', do: ['alert-recovery-held', 'close-incident'], why: 'Recovery held; paused by an operator' },
      { to: 'waiting', do: ['alert-recovery-held'], why: 'Recovery held: nothing safe can be done now' },
    ],
    'recovery-impossible': [{ to: 'exhausted', do: ['alert-exhausted'], why: 'The server cannot be stopped: no further act' }],
    'daemon-started': [{ to: 'recovering', do: ['resume-recovery'], why: 'A recovery was under way when pgwatchd ended' }],
    'recovery-requested': stays('recovering', 'A recovery is under way already'),
    'operator-paused': stays('recovering', 'The pause begins when the recovery under way has ended'),
    'operator-resumed': stays('recovering', 'The pause is withdrawn'),
    'pause-expired': stays('recovering', 'The pause is over'),
  },
  exhausted: {
    'probes-passed': recovered('healthy'),
    'healing-observed': stays('exhausted', 'Attempts are spent; a person is needed'),
    'failure-suspected': stays('exhausted', 'Attempts are spent; a person is needed'),
    'failure-proven': stays('exhausted', 'Attempts are spent; a person is needed'),
    'operator-stop-observed': stays('exhausted', 'Attempts are spent; a person is needed'),
    'person-needed': stays('exhausted', 'Attempts are spent; a person is needed'),
    ...noRecovery('exhausted'),
    'daemon-started': stays('exhausted', 'Taken up where the last run ended'),
    'recovery-requested': REQUESTED,
    'operator-paused': PAUSE,
    'operator-resumed': [{ to: 'suspect', why: 'Resumed by an operator; attempts are counted anew' }],
    'pause-expired': stays('exhausted', 'Not paused'),
  },
  paused: {
    'probes-passed': stays('paused', 'Paused by an operator'),
    'healing-observed': stays('paused', 'Paused by an operator'),
    'failure-suspected': stays('paused', 'Paused by an operator'),
    'failure-proven': stays('paused', 'Paused by an operator'),
    'operator-stop-observed': stays('paused', 'Paused by an operator'),
    'person-needed': stays('paused', 'Paused by an operator'),
    ...noRecovery('paused'),
    'daemon-started': stays('paused', 'Paused by an operator'),
    'recovery-requested': stays('paused', 'Paused by an operator: resume first'),
    'operator-paused': stays('paused', 'Paused anew by an operator'),
    'operator-resumed': [{ to: 'suspect', why: 'Resumed by an operator' }],
    'pause-expired': [{ to: 'suspect', why: 'The pause is over' }],
  },
}
