import type { Check, StepContext } from '../step.ts'

/** What a remedy costs the application at worst, from the least invasive to the most. */
export const COSTS = ['nothing', 'a lock', 'sessions', 'service', 'rows'] as const
export type Cost = (typeof COSTS)[number]

/** What is known of a remedy beforehand: for the manual, `recover --plan` and `why`. Each a plain clause without a full stop. */
export interface RemedyFacts {
  /** The file's name: a verb and what it acts on, `end-idle-sessions`. */
  readonly name: string
  /** What it ensures. */
  readonly purpose: string
  readonly changes: string
  /** What it keeps in the incident's folder before it changes anything. */
  readonly keeps: string
  /** How `pgwatchd undo` takes it back, or why it cannot. */
  readonly undo: string
  /** By what its success is proved. */
  readonly proof: string
  readonly cost: Cost
}

/** What became of one subject under one remedy. `notDone` is told to a person with the reason. */
export type RemedyResult<Subject> =
  /** Proved, not only done. */
  | { readonly ended: 'mended'; readonly did: readonly string[]; readonly notDone?: readonly string[] }
  /** Something is mended, and `left` is for the next remedy. */
  | { readonly ended: 'partly'; readonly left: Subject; readonly did: readonly string[]; readonly notDone?: readonly string[] }
  /** The next remedy gets the same subject. */
  | { readonly ended: 'not-mended'; readonly why: string; readonly did: readonly string[]; readonly notDone?: readonly string[] }
  /** No further remedy may touch the subject: a person has to. */
  | { readonly ended: 'left-to-person'; readonly why: string; readonly did: readonly string[]; readonly notDone?: readonly string[] }

/**
 * One way to help one cause. `run` is idempotent: it *ensures*, and may be run again after a crash of the daemon. Every change
 * that outlives it is recorded (`recordChange`) before it is made. Both functions honour `signal` and give every child and
 * query a deadline.
 */
export interface Remedy<Subject = undefined> extends RemedyFacts {
  /** Looks only; also what `recover --plan` prints. `stop` ends the ladder for this subject. */
  precondition(context: StepContext, subject: Subject, signal: AbortSignal): Promise<Check>
  run(context: StepContext, subject: Subject, signal: AbortSignal): Promise<RemedyResult<Subject>>
}
