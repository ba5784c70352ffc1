import type { Assessment } from '../core/cause.ts'
import type { Cluster } from '../core/cluster.ts'
import type { Room } from '../core/disk/room.ts'
import type { SpaceHolder } from '../core/disk/holder.ts'
import type { SafeFile } from '../core/disk/safe-list.ts'
import type { Damage } from '../core/facts.ts'
import type { BlockerPolicy, LockConflicts } from '../core/sessions/lock-conflicts.ts'
import type { Crowd, SessionPolicy } from '../core/sessions/session.ts'
import type { Outside } from '../ports/outside.ts'
import type { Answer, Session } from '../ports/postgres.ts'
import type { BackupVault, RestoreOrder } from './vault.ts'

export const STEP_NAMES = [
  'capture-evidence',
  'free-disk-space',
  'apply-remedies',
  'unpack-backup',
  'load-database',
  'stop-postgres',
  'stop-on-request',
  'swap-data-directory',
  'clear-stale-pid',
  'check-data-files',
  'start-postgres',
  'repair-damage',
  'restart-clean',
  'swap-database',
  'verify',
] as const
export type StepName = (typeof STEP_NAMES)[number]

/** The part of the configuration that steps read; the same shape as `config.recovery`. */
export interface RecoverySettings {
  /** How long each way of stopping may take before the next is tried. */
  readonly stop: {
    readonly smartTimeoutMs: number
    readonly fastTimeoutMs: number
    readonly immediateTimeoutMs: number
    readonly killTimeoutMs: number
  }
  readonly start: {
    /** A server that has not moved for this long while starting is reported as stalled. */
    readonly stallTimeoutMs: number
    /** Ceiling on waiting for the service manager to accept a request. */
    readonly requestTimeoutMs: number
  }
  readonly wal: {
    /** How long the WAL of a crashed server may be read before its start; 0: it is not read. */
    readonly checkBudgetMs: number
  }
  readonly checksums: { readonly check: 'on-evidence' | 'always' | 'never'; readonly budgetMs: number }
  readonly repair: {
    /** May pages that no other way can mend be zeroed (after their images and readable rows were saved)? */
    readonly zeroDamagedPages: boolean
    /** May a damaged page be made anew from the WAL? */
    readonly replayWal: boolean
    /** May a page whose row contents alone can be hurt get a new checksum? */
    readonly restamp: boolean
    /** May the server be stopped for a short time where a damaged catalog keeps everybody from logging in? */
    readonly stopForCatalogs: boolean
    /** Relations larger than this are left to a person. */
    readonly maxRelationBytes: number
    readonly statementTimeoutMs: number
  }
  readonly sessions: SessionPolicy
  readonly blockers: Pick<BlockerPolicy, 'policy' | 'limitMs'>
  readonly disk: {
    readonly ballastBytes: number
    /** Where `pg_wal` is another file system than the data directory; 0: as large as `ballastBytes`. */
    readonly walBallastBytes: number
    /** For each further file system that holds tablespaces; 0: as large as `ballastBytes`. */
    readonly tablespaceBallastBytes: number
    /** Server logs older than this may be removed when room is needed. */
    readonly logAgeMs: number
  }
}

/** Looks at the server's sessions, and is the way in where logins are refused or hang. */
export interface SessionSurvey {
  crowd(signal: AbortSignal): Promise<Crowd>
  /** Rejects with `OutsideError` when the server cannot be asked. */
  conflicts(signal: AbortSignal): Promise<LockConflicts>
  /** Work in a superuser session: a fresh one, or the one that is held open for the day when no fresh one can be had. */
  use<T>(signal: AbortSignal, work: (session: Session) => Promise<Answer<T>>): Promise<Answer<T>>
}

/** Looks at the cluster's file systems, changes nothing. The first two looks reject with `OutsideError`. */
export interface SpaceSurvey {
  /** Those that the server must be able to write, each once. */
  rooms(): Promise<readonly Room[]>
  /** What may go to make room, on all of them, in the order in which it should. */
  safeFiles(): Promise<readonly SafeFile[]>
  /** Who holds the space on these file systems, or on all; within 6 s, whether the server runs or not. */
  holders(devices: ReadonlySet<number> | undefined, signal: AbortSignal): Promise<readonly SpaceHolder[]>
}

/** What the steps of one attempt share. */
export interface StepContext {
  readonly cluster: Cluster
  /** Why the attempt began; after a crash of the daemon as it was recorded. */
  readonly assessment: Assessment
  /** Pages and files that the server named as damaged, recorded with the attempt's beginning; `check-data-files` may find more and notes them. */
  readonly damages: readonly Damage[]
  /** Up to where the running server had last said that its WAL is on disk; absent when it was not heard by this daemon. */
  readonly flushedLsn?: string
  readonly settings: RecoverySettings
  readonly outside: Outside
  readonly space: SpaceSurvey
  readonly sessions: SessionSurvey
  /** The incident's folder (mode 0700, exists): before-images, evidence, whatever is moved away. */
  readonly incidentDirectory: string
  readonly incidentId: string
  /** What is to be restored; set only by a plan that restores. */
  readonly restore?: RestoreOrder
  /** The cluster's backups, where some may be restored. */
  readonly vault?: BackupVault
  /** pgwatchd's own directory on disk, for the ballast's whereabouts. */
  readonly stateDirectory: string
  /** What a step noted in this attempt, also before a crash of the daemon; `undefined` when it noted nothing. */
  recall(step: StepName): Readonly<Record<string, unknown>> | undefined
  /** Durably notes what the step is about to change or has changed; replaces its earlier note. Await it before the act. */
  note(data: Readonly<Record<string, unknown>>): Promise<void>
  /** Tells people what is going on: journal, timeline, status. One sentence without a full stop. */
  report(sentence: string): void
  /**
   * True once the daemon was asked to stop: long optional work is skipped, and the server is brought to serve by the
   * shortest safe way.
   */
  hurried(): boolean
  /** While an attempt is undone: the step that ended it; `undefined` when none did. */
  readonly endedBy?: StepName
  /**
   * Set only while a plan is drawn up: how the server would stand by the time this step is reached. Preconditions take it
   * for true instead of looking.
   */
  readonly supposed?: 'stopped' | 'serving'
}

/** What is needed to look at the server and to wait for it, within a recovery or outside one. */
export type ServerContext = Pick<StepContext, 'cluster' | 'outside' | 'settings' | 'report' | 'hurried'>

export type Check =
  | { readonly go: 'run'; readonly because: string }
  /** Already true, or not needed. */
  | { readonly go: 'skip'; readonly because: string }
  /**
   * Unsafe now: end here and undo. `held` when time or a person can change that (no room, broken configuration, cannot
   * be stopped): the mode becomes `waiting`, not a failed attempt.
   */
  | { readonly go: 'stop'; readonly because: string; readonly held: boolean }

export type StepResult =
  | { readonly ok: true; readonly did: readonly string[]; readonly notDone?: readonly string[] }
  | {
      readonly ok: false
      readonly why: string
      readonly held: boolean
      readonly did: readonly string[]
      readonly notDone?: readonly string[]
      /** Set by `stop-postgres` when no signal ends the server. */
      readonly cannotBeStopped?: true
      /** Nobody may start the server until a person has decided: the hold on its service stays. */
      readonly keepsHold?: true
      /** The daemon is to end and nothing is lost by that: the journal stays open and the next start goes on with this step. */
      readonly suspend?: true
    }

export type Undo =
  /** Tolerates a half-done run. Returns what was put back; a rejection is reported as "could not be undone". */
  ((context: StepContext, signal: AbortSignal) => Promise<readonly string[]>) | { readonly impossible: string }

/**
 * One stage of the pipeline. `run` is idempotent: it *ensures*, and may be run again after a crash of the daemon.
 * Both `precondition` and `run` honour `signal` and give every child and query a deadline of its own.
 */
export interface Step {
  /** The file's name. */
  readonly name: StepName
  /** One sentence: what it ensures. */
  readonly purpose: string
  /** What it changes and what it keeps first, for `recover --plan` and the manual. */
  readonly changes: string
  /** Looks only; also what `recover --plan` prints. */
  precondition(context: StepContext, signal: AbortSignal): Promise<Check>
  run(context: StepContext, signal: AbortSignal): Promise<StepResult>
  readonly undo: Undo
}
