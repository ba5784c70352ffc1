import type { LockConflicts } from './sessions/lock-conflicts.ts'
import type { Crowd } from './sessions/session.ts'
import type { Room } from './disk/room.ts'
import type { Freeable } from './disk/safe-list.ts'
import type { Hardware } from './hardware.ts'
import type { Hindrance } from './hindrance.ts'

/** `DBState` of pg_control, in pg_controldata's words. */
export type ControlState =
  | 'starting up'
  | 'shut down'
  | 'shut down in recovery'
  | 'shutting down'
  | 'in crash recovery'
  | 'in archive recovery'
  | 'in production'
  | 'unrecognized'

export interface ControlFile {
  readonly state: ControlState
  /** 64-bit, in decimal. */
  readonly systemIdentifier: string
  readonly checksumsEnabled: boolean
  /** "0/17414F8" */
  readonly redoLsn: string
  readonly checkpointLsn: string
  readonly timeline: number
  /** When the last checkpoint began, by the wall clock. */
  readonly checkpointWallMs: number
  /** The timeline that a recovery has to reach: beyond `timeline` between a promotion and the checkpoint after it; 0 in a primary. */
  readonly minRecoveryTimeline: number
  readonly walSegmentBytes: number
  /** Names the major version: the layout of the catalogs. */
  readonly catalogVersion: number
  /** As the server ran with them. */
  readonly maxPreparedTransactions: number
  readonly tracksCommitTimestamps: boolean
}

/**
 * What was looked for: found, certainly not there, or unknown because it was not looked at or in vain. The last forbids
 * whatever the first would forbid.
 */
export type Finding<T> =
  { readonly status: 'found'; readonly value: T } | { readonly status: 'none' } | { readonly status: 'unknown'; readonly why: string }

/** A page or file that the server named as damaged. */
export interface Damage {
  readonly kind: 'page' | 'missing-file' | 'short-file' | 'index' | 'visibility' | 'lost-value'
  /** "base/16384/16471", "global/1260", "pg_tblspc/…"; or the index's name for `index` that only the log names; the map's file for `visibility`; `pg_toast_16455` for a `lost-value` that only the log names. */
  readonly relationPath: string
  /** Block within the relation (not within the segment), -1 when unknown; of a `lost-value` the value's number. */
  readonly block: number
  /** The server's own words. */
  readonly message: string
  /** pgwatchd has looked for itself; what only the log says may be anybody's words. */
  readonly proved?: boolean
}

/**
 * What the server's log said since the last healthy tick. Every user may write DEBUG to ERROR and LOG with any text, so only
 * FATAL and PANIC are the server's own word.
 */
export interface LogIndicators {
  readonly panics: readonly string[]
  /** Believed only where the volumes are short of room. */
  readonly outOfSpace: boolean
  /** "Disk quota exceeded"; what the volumes have free says nothing of that. Any user may write such a line. */
  readonly quotaExceeded: boolean
  /** EIO, a file system gone read-only, "could not fsync", as FATAL or PANIC. */
  readonly ioError: boolean
  readonly outOfMemory: boolean
  /** A client was refused because a limit on connections was reached. */
  readonly slotsRefused: boolean
  /** The server refused its own configuration. */
  readonly configurationErrors: readonly string[]
  /** "received fast shutdown request" and its like: somebody asked for the stop. */
  readonly shutdownRequested: boolean
  /** A server process was ended by a signal or exit code. */
  readonly backendCrashed: boolean
  /** Suspicions: what is proved is in the facts. */
  readonly damages: readonly Damage[]
  /** The last FATAL or PANIC line, for people; empty when none. */
  readonly lastFatal: string
}

/**
 * How the server's log ends, read after the server was seen to be gone: `running` without a word about the end, `stopping` with
 * a request to stop that was not completed, `stopped` with one that was, `immediate-stop` with a request to stop without a
 * checkpoint, `failed` with a FATAL or PANIC.
 */
export type LogEnding = 'running' | 'stopping' | 'stopped' | 'immediate-stop' | 'failed' | 'unknown'

/** Where a starting server stands, from two looks. */
export interface StartupProgress {
  readonly phase: 'before-redo' | 'redo' | 'end-of-recovery' | 'unknown'
  /** Any of redo position, CPU, I/O of startup or checkpointer process moved since the look before. */
  readonly advancing: boolean
  /** How long nothing has moved, 0 while it advances. */
  readonly stalledForMs: number
  /** "replaying 00000001000000000000003C, 443 MB read" */
  readonly detail: string
  /** WAL file being replayed; empty when unknown. */
  readonly walFile: string
}

/** Who, other than this host's service manager, owns the cluster. */
export interface Owner {
  readonly name: 'patroni' | 'pacemaker' | 'repmgr' | 'pg_auto_failover' | 'container-engine' | 'operator-pg_ctl' | 'pg_upgrade'
  /** How that is known, for people. */
  readonly evidence: string
}

/** A process of the cluster that does not move. */
export interface StuckProcess {
  readonly pid: number
  /** What it calls itself: "checkpointer", "app shop [local] INSERT"; "postmaster" for the parent of all. */
  readonly title: string
  /**
   * `stopped` by a signal: it goes on at SIGCONT. `frozen` by its control group, which alone lets it go on. `in-kernel`: in
   * uninterruptible sleep, at two looks, without having moved.
   */
  readonly how: 'stopped' | 'frozen' | 'in-kernel'
  /** The kernel function that it waits in; empty when unknown. */
  readonly waitChannel: string
  /** SIGKILL was sent to it, and it lives. */
  readonly isKilled: boolean
  /** The kernel functions above that one, innermost first; empty when pgwatchd may not look. */
  readonly stack: readonly string[]
}

/**
 * What is looked up once something is wrong (never in steady state). A field is `undefined` where it could not be
 * looked at, which is never read as proof of anything.
 */
export interface Facts {
  readonly postmaster:
    | { readonly status: 'running'; readonly pid: number; readonly processState: string; readonly waitChannel: string }
    /** No postmaster, but other processes of this cluster live or its shared memory is attached. */
    | { readonly status: 'orphans'; readonly pids: readonly number[] }
    | { readonly status: 'absent' }
    | { readonly status: 'unknown'; readonly why: string }
  /** At most 20, the postmaster first; empty also when that could not be looked at. */
  readonly stuck: readonly StuckProcess[]
  /** Looked at only where storage errors were reported. */
  readonly hardware: Hardware | undefined
  readonly service: { readonly state: string; readonly result: string; readonly job: string; readonly restartsByItself: boolean }
  /** A start that the service manager has under way without a postmaster; `undefined` when there is none, or none is needed. */
  readonly pendingStart: { readonly forMs: number; readonly isOverdue: boolean } | undefined
  readonly controlFile: ControlFile | undefined
  /** A postmaster.pid was there after no process of the cluster was: whoever wrote it ended without removing it. */
  readonly pidFileLeft: boolean
  /** `unknown` while the server runs. */
  readonly logEnding: LogEnding
  /** The file that makes the data directory a standby, or a copy that was not started yet: `standby.signal`, `backup_label`. */
  readonly restoreSign: Finding<string>
  /** Line 8 of postmaster.pid: `starting`, `ready`, `stopping`, `standby`; empty when there is none. */
  readonly pidFileStatus: string
  readonly startup: StartupProgress | undefined
  readonly log: LogIndicators
  /** Looked at only when a login was refused for lack of a slot, and unless the configuration forbids it. */
  readonly crowd: Finding<Crowd>
  /** Looked at when answers are late, or sessions have waited for a lock for long, and unless the configuration forbids it. */
  readonly conflicts: Finding<LockConflicts>
  readonly owner: Finding<Owner>
  /** dpkg or apt is at work. */
  readonly packageUpgrade: boolean
  /** Another program that works in the data directory, by name; not looked for while the server runs. */
  readonly dataDirectoryUser: Finding<string>
  /** It began while the server still served, so that it copies a running cluster. */
  readonly dataDirectoryUserIsHot: boolean
  /** Damage that the log names and the disk shows. */
  readonly damages: readonly Damage[]
  /** Room on the file systems that the server must be able to write, with what the safe list could give back there. */
  readonly rooms: readonly (Room & { readonly freeable: Freeable })[] | undefined
  /** What else keeps the server from being started; looked for only while it is down. */
  readonly hindrances: readonly Hindrance[]
  /** What the server says against its own configuration (`postgres -C`), looked at only while it is down. */
  readonly configurationError: Finding<string>
}
