import type { Cluster } from '../../core/cluster.ts'
import type { Outside } from '../../ports/outside.ts'

/** One thing that a remedy or step changed and that outlives it. Paths are absolute; `kept` lies in the incident's folder. */
export type Change =
  /** A file or directory that was renamed, mostly into the incident's folder. */
  | { readonly kind: 'file-moved'; readonly from: string; readonly to: string; readonly why: string }
  /** Removed for good: `contents` says why nothing is lost, "zeros of the ballast". */
  | { readonly kind: 'file-removed'; readonly path: string; readonly bytes: number; readonly contents: string }
  | { readonly kind: 'mode-changed'; readonly path: string; readonly before: number; readonly after: number }
  | { readonly kind: 'directory-made'; readonly path: string; readonly mode: number }
  /** A file that was missing and was written; `sha256` of what was written. */
  | { readonly kind: 'file-written'; readonly path: string; readonly sha256: string }
  /** Bytes of a file that were overwritten in place while the server was down; `kept` holds those before. */
  | {
      readonly kind: 'bytes-replaced'
      readonly path: string
      readonly offset: number
      readonly length: number
      readonly kept: string
      readonly sha256After: string
    }
  /** Sessions that were ended, or whose statement was cancelled: one clause each. */
  | { readonly kind: 'sessions-ended'; readonly sessions: readonly string[] }
  /** Processes that a signal had stopped and that were sent SIGCONT: one name each. */
  | { readonly kind: 'processes-continued'; readonly processes: readonly string[] }
  /** Rebuilt by the server from data that is whole: nothing was lost by it. */
  | { readonly kind: 'rebuilt'; readonly what: string; readonly database: string; readonly by: string }
  /** A table that was rewritten without pages that nothing could mend. */
  | {
      readonly kind: 'table-rewritten'
      readonly table: string
      readonly database: string
      readonly keptPages: string
      readonly keptRows: string
      readonly lostKeys: string
    }

export type ChangeOf<Kind extends Change['kind']> = Extract<Change, { readonly kind: Kind }>

/** What an undo works with. */
export interface UndoGround {
  readonly cluster: Cluster
  readonly outside: Outside
  readonly incidentDirectory: string
  /** No process of the cluster lives. */
  nothingRuns(): boolean
}

/** Whether a change can be taken back now: `how` and `because` are plain clauses. */
export type UndoCheck = { readonly can: true; readonly how: string } | { readonly can: false; readonly because: string }

/** One kind of change, in one file: how it is told and how it is taken back. */
export interface ChangeKind<Kind extends Change['kind']> {
  readonly kind: Kind
  /** "moved /data/standby.signal to …" */
  describe(change: ChangeOf<Kind>): string
  /** Looks only. What is no longer meaningful, or was never possible, is said here. */
  consider(ground: UndoGround, change: ChangeOf<Kind>, signal: AbortSignal): Promise<UndoCheck>
  /** Called only right after `consider` said that it can be done. Rejects with `OutsideError`. */
  undo(ground: UndoGround, change: ChangeOf<Kind>, signal: AbortSignal): Promise<void>
}
