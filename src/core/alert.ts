export type Severity = 'CRITICAL' | 'ERROR' | 'WARNING' | 'SUCCESS' | 'INFO'

export const ALERT_KINDS = [
  'recovery-started',
  'recovery-succeeded',
  'recovery-failed',
  'recovery-held',
  'recovery-exhausted',
  'recovered-without-us',
  'person-needed',
  'operator-stopped',
  'starting',
  'warning',
  'warning-cleared',
  'configuration-refused',
  'state-not-saved',
  'test',
] as const
export type AlertKind = (typeof ALERT_KINDS)[number]

export interface TimelineEntry {
  readonly wallMs: number
  readonly text: string
}

/** Everything a person is told, as data; rendering is done elsewhere. */
export interface Alert {
  readonly kind: AlertKind
  readonly severity: Severity
  readonly host: string
  /** Empty for the daemon's own matters. */
  readonly cluster: string
  /** The incident's thread; empty outside an incident. */
  readonly incidentId: string
  /** What a repeat is recognised by, within an incident or outside: `disk:/var/lib/postgresql`. */
  readonly repeatKey: string
  readonly wallMs: number
  /** The subject's last part: "PostgreSQL is serving again after 1.2 s". */
  readonly headline: string
  /** One or two sentences. */
  readonly verdict: string
  readonly evidence: readonly string[]
  readonly ruledOut: readonly string[]
  readonly done: readonly string[]
  /** What was not done, and why. */
  readonly notDone: readonly string[]
  /** Milliseconds without service so far or in all; `undefined` when it served all the time. */
  readonly downtimeMs: number | undefined
  readonly timeline: readonly TimelineEntry[]
  /** Last lines of the server's log. */
  readonly logTail: readonly string[]
  /** Commands to run next, most useful first. */
  readonly nextCommands: readonly string[]
}
