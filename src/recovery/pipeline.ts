import type { Assessment, Plan } from '../core/cause.ts'
import type { Damage } from '../core/facts.ts'
import type { StepName } from './step.ts'

/** How one step of an attempt stands. `began` without `ended`: it was under way when pgwatchd died. */
export interface JournalStep {
  readonly name: StepName
  readonly status: 'began' | 'done' | 'skipped' | 'failed' | 'undone' | 'not-undone'
  readonly wallMs: number
  /** Why it was skipped, failed or could not be undone; what it did. */
  readonly detail: string
  /** What the step noted for its own repetition and undo. */
  readonly data: Readonly<Record<string, unknown>>
}

/** Why an attempt ends before its last step; written before anything is undone, so that a crash in the undo goes on undoing. */
export interface Ending {
  readonly status: 'failed' | 'held'
  readonly why: string
  readonly step: StepName | undefined
  readonly cannotBeStopped: boolean
  /** The hold on the service outlives the attempt; absent: it does not. */
  readonly keepsHold?: true
}

/** The write-ahead log of one attempt; replaced as a whole at each change, durably, before the change it tells of. */
export interface Journal {
  readonly version: 1
  readonly incidentId: string
  /** Counts up within the incident. */
  readonly attempt: number
  readonly plan: Plan
  /** How often a start of the daemon took it up again; counted before it goes on, bounded. */
  readonly resumptions: number
  readonly status: 'open' | 'succeeded' | 'failed' | 'held'
  readonly startedWallMs: number
  /** Why the attempt began and what was damaged then: a new daemon's memory holds neither. Absent where nothing recorded them. */
  readonly assessment?: Assessment
  readonly damages?: readonly Damage[]
  readonly steps: readonly JournalStep[]
  /** Set as soon as the attempt is given up; from then on it is only undone. */
  readonly ending?: Ending
}

/** Where the journal is kept: two preallocated slots, so that it can be written on a full disk. */
export interface JournalStore {
  /** The newest valid journal; `undefined` when there is none. */
  load(): Promise<Journal | undefined>
  /** Durable when it resolves; rejects with `OutsideError` when it could not be made durable: then nothing may be done. */
  save(journal: Journal): Promise<void>
}

export interface PipelineOutcome {
  /** `suspended`: the daemon was told to end at once; the journal stays open and the next start goes on. */
  readonly status: 'succeeded' | 'failed' | 'held' | 'suspended'
  /** One plain sentence. */
  readonly why: string
  /** The step that ended it; `undefined` on success, or when no step did. */
  readonly step: StepName | undefined
  readonly done: readonly string[]
  readonly notDone: readonly string[]
  readonly notUndone: readonly string[]
  /** True when the cause was that nothing could stop the server. */
  readonly cannotBeStopped: boolean
  /** The hold on the service is still there, and the daemon's to release. */
  readonly keepsHold?: true
}

/** What each step would do now: `recover --plan`. */
export interface PlannedStep {
  readonly name: StepName
  readonly purpose: string
  readonly go: 'run' | 'skip' | 'stop'
  readonly because: string
  readonly changes: string
}
