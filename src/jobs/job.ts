import type { BackupCare } from './backup/backup-care.ts'
import type { Incident } from '../core/incident.ts'
import type { Clock } from '../ports/clock.ts'

export const JOB_NAMES = [
  'heartbeat',
  'prune-incidents',
  'summary',
  'prune-backups',
  'verify-backups',
  'drill-backups',
  'create-backups',
  'watch-backups',
  'check-integrity',
] as const
export type JobName = (typeof JOB_NAMES)[number]

/** The part of the configuration that jobs read. */
export interface JobSettings {
  /** How often the journal says that all is well; 0: never. */
  readonly heartbeatMs: number
  readonly incidents: { readonly keepMs: number; readonly keepCount: number }
  /** Crontab's five fields, UTC; empty: no summary. */
  readonly summarySchedule: string
  /** The same; empty: no check of the clusters' files but where checksum failures are counted. */
  readonly integritySchedule: string
  readonly backup: BackupSchedules
}

/** When backups are made, proved and pruned: crontab's five fields; empty: never. */
export interface BackupSchedules {
  readonly kind: string
  readonly schedule: string
  readonly verifySchedule: string
  readonly drillSchedule: string
  readonly pruneSchedule: string
  readonly timeZone: string
  readonly jitterMs: number
}

/** How one cluster stands, for reports. */
export interface ClusterStanding {
  readonly name: string
  readonly mode: string
  /** The last tick's sentence. */
  readonly sentence: string
  readonly healthySinceWallMs: number | undefined
}

/** What jobs work with. */
export interface JobContext {
  /** Name of this host. */
  readonly host: string
  readonly clock: Clock
  readonly settings: JobSettings
  clusters(): readonly ClusterStanding[]
  readonly incidents: {
    /** Newest first. */
    list(): Promise<readonly Incident[]>
    /** Returns the removed ids. */
    prune(limits: JobSettings['incidents']): Promise<readonly string[]>
  }
  /** Begins a check of each cluster that is healthy and under none; their names. What it finds is damage to the watch. */
  beginIntegrityChecks(): readonly string[]
  /** One for each cluster. */
  backups(): readonly BackupCare[]
  /** When the calendar calls for the next backup; `undefined` when it does not. */
  nextBackupWallMs(): number | undefined
  readonly outbox: { readonly waiting: number; readonly lastError: string }
  /** Puts a mail into the outbox; nothing when no mail is configured. */
  mail(subject: string, text: string): Promise<void>
}

/** When a job runs: again and again, by the calendar, or not at all. */
export type Timing =
  | { readonly kind: 'interval'; readonly everyMs: number }
  | { readonly kind: 'calendar'; readonly schedule: string; readonly timeZone?: string; readonly jitterMs?: number }
  | { readonly kind: 'off' }

/** Something done by the clock, beside the watch; never while it is still running. */
export interface Job {
  /** The file's name. */
  readonly name: JobName
  /** One sentence: what it is for. */
  readonly purpose: string
  timing(settings: JobSettings): Timing
  /** Returns what it did in one sentence for the journal, empty when that is not worth a line. Rejects with `OutsideError`. */
  run(context: JobContext, signal: AbortSignal): Promise<string>
}
