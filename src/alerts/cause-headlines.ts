import type { Cause } from '../core/cause.ts'

/** A subject's last part by cause, short enough for the list of a mail program; the compiler refuses a missing one. */
const HEADLINES: Readonly<Record<Cause, string>> = {
  crashed: 'PostgreSQL crashed',
  'stopped-by-operator': 'PostgreSQL was stopped by an operator',
  starting: 'PostgreSQL is starting',
  'start-stalled': 'PostgreSQL is starting and nothing moves',
  frozen: 'PostgreSQL hangs',
  'storage-hangs': 'PostgreSQL waits for storage that does not answer',
  'cannot-be-stopped': 'PostgreSQL hangs and cannot be stopped',
  'connections-exhausted': 'PostgreSQL has no connection left',
  'auth-broken': 'PostgreSQL refuses the login of the application',
  slow: 'PostgreSQL is slow',
  blocked: 'sessions of PostgreSQL are blocked by a lock',
  'read-only': 'PostgreSQL takes no writes',
  'disk-full': 'PostgreSQL has no disk space left',
  damaged: 'PostgreSQL found damaged data',
  'disk-faulty': 'the disk under PostgreSQL reports errors',
  'configuration-broken': 'PostgreSQL refuses its configuration',
  unstartable: 'PostgreSQL cannot be started',
  'wal-damaged': 'PostgreSQL is kept down: its WAL is damaged, and a start would lose committed transactions',
  'not-ours': 'PostgreSQL is in trouble, and another manager owns it',
  'restart-requested': 'PostgreSQL is restarted, as an operator asked',
  'restore-requested': 'a backup of PostgreSQL is restored',
  unclear: 'PostgreSQL is not working',
}

export function causeHeadline(cause: Cause | undefined): string {
  return HEADLINES[cause ?? 'unclear']
}
