import type { EventType } from './event.ts'
import { failure, HEALING, noRecovery, OPERATOR_STOP, PAUSE, personNeeded, recovered, REQUESTED, type Rows, stays } from './rows.ts'
import type { Mode } from './state.ts'

export type { Row, Rows } from './rows.ts'

type Answers = Readonly<Record<EventType, Rows>>

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
    'recovery-impossible': [
      {
        when: 'a pause is set',
        to: 'paused',
        do: ['alert-recovery-held', 'close-incident'],
        why: 'The server cannot be stopped; paused by an operator',
      },
      { to: 'waiting', why: 'The server cannot be stopped: nothing is done while that lasts' },
    ],
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
