import type { AlertKind, Severity } from '../core/alert.ts'

/** What holds for every alert of one kind. */
export interface KindRules {
  /** Used unless the builder knows better: CRITICAL means that a person must act now, ERROR that service suffers. */
  readonly severity: Severity
  /** False: every one is sent, however often. Repeats of the others are held back and counted. */
  readonly mayBeHeldBack: boolean
  /** Ends an incident: whoever was told of the trouble is told of its end, whatever the minimum severity. */
  readonly endsIncident: boolean
  /** The subject's last part when nothing more is known. */
  readonly headline: string
}

const always = { mayBeHeldBack: false, endsIncident: false }
const repeatable = { mayBeHeldBack: true, endsIncident: false }

export const KINDS: Readonly<Record<AlertKind, KindRules>> = {
  'recovery-started': { ...always, severity: 'ERROR', headline: 'PostgreSQL is down, recovery has started' },
  'recovery-succeeded': { ...always, endsIncident: true, severity: 'SUCCESS', headline: 'PostgreSQL is serving again' },
  'recovery-failed': { ...always, severity: 'ERROR', headline: 'PostgreSQL could not be recovered' },
  'recovery-held': { ...repeatable, severity: 'ERROR', headline: 'PostgreSQL recovery is held up' },
  'recovery-exhausted': { ...always, severity: 'CRITICAL', headline: 'PostgreSQL is down, pgwatchd has given up' },
  'recovered-without-us': { ...repeatable, endsIncident: true, severity: 'SUCCESS', headline: 'PostgreSQL is serving again without help' },
  'person-needed': { ...repeatable, severity: 'ERROR', headline: 'PostgreSQL needs a person' },
  'operator-stopped': { ...repeatable, severity: 'WARNING', headline: 'PostgreSQL was stopped by an operator' },
  starting: { ...repeatable, severity: 'WARNING', headline: 'PostgreSQL is not serving yet' },
  warning: { ...repeatable, severity: 'WARNING', headline: 'PostgreSQL serves, but deserves attention' },
  'warning-cleared': { ...repeatable, severity: 'INFO', headline: 'a warning is over' },
  'configuration-refused': { ...repeatable, severity: 'ERROR', headline: 'the new configuration of pgwatchd was refused' },
  'state-not-saved': { ...repeatable, severity: 'CRITICAL', headline: 'pgwatchd cannot save its state' },
  test: { ...always, severity: 'INFO', headline: 'a test of alerts by pgwatchd' },
}

/** The most severe first. */
export const SEVERITIES: readonly Severity[] = ['CRITICAL', 'ERROR', 'WARNING', 'SUCCESS', 'INFO']

/** Whether `severity` is at least `minimum`. */
export function isAtLeast(severity: Severity, minimum: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(minimum)
}
