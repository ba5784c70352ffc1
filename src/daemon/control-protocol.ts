import type { BackupSummaryLine } from '../core/backup/summarize-backups.ts'
import type { BackupStanding, Manifest, Proof } from '../core/backup/manifest.ts'
import type { Assessment, Cause } from '../core/cause.ts'
import type { HealthReport } from '../core/health.ts'
import type { Incident } from '../core/incident.ts'
import type { Readings } from '../core/reading.ts'
import type { Progress, StoredBackup } from '../jobs/backup/backup.ts'
import type { OldPlaces } from '../jobs/backup/old-places.ts'
import type { Pruned } from '../jobs/backup/prune-backups.ts'
import type { Unusable } from '../jobs/backup/store.ts'
import type { UndoLine } from '../recovery/changes/run-undo.ts'
import type { PlannedStep } from '../recovery/pipeline.ts'
import type { PlannedRemedy } from '../recovery/remedies/ladder.ts'
import type { RemedyFacts } from '../recovery/remedies/remedy.ts'
import type { DecisionRecord } from './decision-record.ts'
import type { PreflightCheck } from './preflight.ts'

export type { DecisionRecord, PreflightCheck, Progress, StoredBackup, Unusable, PlannedRemedy, PlannedStep, RemedyFacts, UndoLine }

/**
 * One request and one or more answers per connection, each a JSON object on a line of its own, at most 64 KiB for a
 * request. Answers end with `done`. Requests that act name a cluster, or mean the only one there is.
 */
export type ControlRequest =
  | { readonly command: 'status' }
  | { readonly command: 'probe'; readonly cluster?: string }
  | { readonly command: 'recover'; readonly cluster?: string; readonly planOnly: boolean }
  | { readonly command: 'pause'; readonly cluster?: string; readonly forMs?: number; readonly by: string }
  | { readonly command: 'resume'; readonly cluster?: string; readonly by: string }
  | { readonly command: 'restart'; readonly cluster?: string; readonly planOnly: boolean }
  | { readonly command: 'health'; readonly cluster?: string }
  | { readonly command: 'why'; readonly cluster?: string }
  /** `incident`: its id, the beginning of one, or `last`. */
  | { readonly command: 'undo'; readonly incident: string; readonly planOnly: boolean; readonly by: string }
  | { readonly command: 'backup-create'; readonly cluster?: string }
  | { readonly command: 'backup-list'; readonly cluster?: string }
  /** `id`: its id, the beginning of one, or `last`. */
  | { readonly command: 'backup-show'; readonly cluster?: string; readonly id: string }
  | { readonly command: 'backup-verify'; readonly cluster?: string; readonly id: string }
  | { readonly command: 'backup-drill'; readonly cluster?: string; readonly id: string }
  | { readonly command: 'backup-restore'; readonly cluster?: string; readonly id: string; readonly database?: string }
  | { readonly command: 'backup-drop-old'; readonly cluster?: string; readonly planOnly: boolean }
  | { readonly command: 'backup-prune'; readonly cluster?: string; readonly planOnly: boolean }
  | { readonly command: 'test-alert' }
  | { readonly command: 'reload' }

export interface ClusterReport {
  readonly name: string
  readonly dataDirectory: string
  readonly port: number
  readonly mode: string
  readonly cause: Cause | null
  /** The last tick's sentence. */
  readonly sentence: string
  readonly failuresInRow: number
  readonly attemptsInWindow: number
  readonly attemptsAllowed: number
  readonly pausedUntilWallMs: number | null
  readonly cooldownUntilWallMs: number | null
  readonly incidentId: string | null
  readonly lastTickWallMs: number | null
  readonly healthySinceWallMs: number | null
  readonly readings: Readings | null
  readonly assessment: Assessment | null
  /** The step under way while recovering; empty otherwise. */
  readonly step: string
  /** `null` when no backups are configured. */
  readonly backups: BackupSummaryLine | null
}

export interface StatusReport {
  readonly version: string
  readonly pid: number
  readonly startedWallMs: number
  readonly clusters: readonly ClusterReport[]
  readonly outbox: { readonly waiting: number; readonly lastError: string }
  readonly stateSaved: boolean
  readonly configFile: string
}

/** A backup without the lists of what it holds, which may be long. */
export interface BackupSummary {
  readonly manifest: Omit<Manifest, 'files' | 'contents'>
  readonly standing: BackupStanding
  readonly directory: string
}

/** The backups of one cluster. */
export interface BackupReport {
  readonly cluster: string
  readonly kind: string
  readonly directory: string
  /** The newest first. */
  readonly backups: readonly BackupSummary[]
  readonly unusable: readonly Unusable[]
  /** What is being done with them now; empty when nothing is. */
  readonly running: string
}

/** Why a cluster stands where it stands. */
export interface Explanation {
  readonly name: string
  readonly mode: string
  readonly modeSinceWallMs: number
  /** The last tick's sentence. */
  readonly sentence: string
  /** The last decision of this run of pgwatchd that changed something. */
  readonly decided: DecisionRecord | null
  /** Where this run has decided nothing: the newest incident of this cluster. */
  readonly lastIncident: Incident | null
  readonly cause: Cause | null
  /** What there is for that cause, the least invasive first. */
  readonly remedies: readonly RemedyFacts[]
  /** Whether the recovery pipeline may follow. */
  readonly restartHelps: boolean
}

export type ControlAnswer =
  | { readonly type: 'status'; readonly status: StatusReport }
  | {
      readonly type: 'probe'
      readonly clusters: readonly { readonly name: string; readonly readings: Readings; readonly assessment: Assessment }[]
    }
  | {
      readonly type: 'plan'
      readonly cluster: string
      readonly verdict: string
      readonly steps: readonly PlannedStep[]
      /** The ladders that the steps would climb, rung by rung. */
      readonly remedies: readonly PlannedRemedy[]
    }
  | { readonly type: 'preflight'; readonly cluster: string; readonly checks: readonly PreflightCheck[] }
  | { readonly type: 'backups'; readonly clusters: readonly BackupReport[] }
  | { readonly type: 'backup'; readonly backup: StoredBackup }
  | { readonly type: 'backup-progress'; readonly progress: Progress }
  | { readonly type: 'backup-proof'; readonly backup: string; readonly proof: Proof }
  | { readonly type: 'restored'; readonly cluster: string; readonly done: readonly string[] }
  | { readonly type: 'old'; readonly cluster: string; readonly places: OldPlaces }
  | { readonly type: 'pruned'; readonly cluster: string; readonly pruned: Pruned }
  | { readonly type: 'health'; readonly clusters: readonly HealthReport[] }
  | { readonly type: 'why'; readonly clusters: readonly Explanation[] }
  | { readonly type: 'undo'; readonly cluster: string; readonly incident: string; readonly lines: readonly UndoLine[] }
  | { readonly type: 'progress'; readonly text: string }
  | { readonly type: 'done'; readonly ok: true; readonly text: string }
  /** `code`: `refused`, `unknown-cluster`, `unknown-incident`, `busy`, `failed`. */
  | { readonly type: 'done'; readonly ok: false; readonly code: string; readonly text: string; readonly hint: string }

export type IncidentSummary = Pick<
  Incident,
  'id' | 'cluster' | 'cause' | 'openedAtWallMs' | 'closedAtWallMs' | 'outcome' | 'verdict' | 'attempts' | 'downtimeMs'
>
