import type { Severity } from './alert.ts'
import type { Cause } from './cause.ts'

/** What is known of a cause beforehand. */
export interface CauseFacts {
  /** What it means, for people; a sentence without a full stop. */
  readonly meaning: string
  /** How loud it is told when a person is needed. */
  readonly severity: Severity
  /** Whether the application is usually still served: such a cause does not count as downtime. */
  readonly serving: boolean
  /** Whether a restart can help; a cause with `false` never starts the pipeline's restart. */
  readonly restartHelps: boolean
}

/** Every cause; the compiler refuses a missing one. */
export const CAUSE_TABLE: Readonly<Record<Cause, CauseFacts>> = {
  crashed: { meaning: 'the server is gone without a clean shutdown', severity: 'CRITICAL', serving: false, restartHelps: true },
  'stopped-by-operator': { meaning: 'an operator stopped the server cleanly', severity: 'WARNING', serving: false, restartHelps: true },
  starting: {
    meaning: 'the server is starting, recovering or shutting down, and it advances',
    severity: 'INFO',
    serving: false,
    restartHelps: false,
  },
  'start-stalled': {
    meaning: 'the server is starting, and nothing moves any more',
    severity: 'CRITICAL',
    serving: false,
    restartHelps: false,
  },
  frozen: {
    meaning: 'processes of the server are stopped, and nobody is answered',
    severity: 'CRITICAL',
    serving: false,
    restartHelps: true,
  },
  'storage-hangs': {
    meaning: 'processes of the server wait in the kernel, mostly for storage that does not answer',
    severity: 'CRITICAL',
    serving: false,
    restartHelps: false,
  },
  'cannot-be-stopped': {
    meaning: 'processes of the server were killed and live on',
    severity: 'CRITICAL',
    serving: false,
    restartHelps: false,
  },
  'connections-exhausted': { meaning: 'every connection slot is taken', severity: 'ERROR', serving: false, restartHelps: false },
  'auth-broken': { meaning: 'the server is up but refuses the login', severity: 'ERROR', serving: false, restartHelps: false },
  slow: { meaning: 'the server answers, but too late', severity: 'WARNING', serving: true, restartHelps: false },
  blocked: { meaning: 'sessions wait long for a lock that another one holds', severity: 'WARNING', serving: true, restartHelps: false },
  'read-only': { meaning: 'the cluster takes no writes', severity: 'ERROR', serving: true, restartHelps: false },
  'disk-full': {
    meaning: 'there is no room on a volume that the server writes to',
    severity: 'CRITICAL',
    serving: false,
    restartHelps: false,
  },
  damaged: { meaning: 'the server found damaged data', severity: 'CRITICAL', serving: true, restartHelps: false },
  'disk-faulty': { meaning: 'the storage reports errors', severity: 'CRITICAL', serving: false, restartHelps: true },
  'configuration-broken': {
    meaning: 'the server refuses its own configuration',
    severity: 'CRITICAL',
    serving: false,
    restartHelps: false,
  },
  unstartable: {
    meaning: 'the server is down, and something in its files or around it keeps it from being started',
    severity: 'CRITICAL',
    serving: false,
    restartHelps: false,
  },
  'wal-damaged': {
    meaning: 'the WAL that a recovery needs is damaged: a start would lose committed transactions without a word',
    severity: 'CRITICAL',
    serving: false,
    restartHelps: false,
  },
  'not-ours': { meaning: 'another manager owns the cluster', severity: 'ERROR', serving: false, restartHelps: false },
  'restart-requested': {
    meaning: 'an operator asked for a restart',
    severity: 'INFO',
    serving: true,
    restartHelps: false,
  },
  'restore-requested': {
    meaning: 'an operator asked for a backup to be restored',
    severity: 'INFO',
    serving: true,
    restartHelps: false,
  },
  unclear: { meaning: 'something is wrong, and no cause is proved', severity: 'ERROR', serving: false, restartHelps: false },
}
