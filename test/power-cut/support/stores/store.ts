import type { Files } from '../../../../src/ports/files.ts'

/** What is on disk after a power cut, against what was acknowledged before it. */
export interface Finding {
  /** Acknowledged, and gone. */
  readonly lost: boolean
  /** There, and neither what it was before nor what it was to become. */
  readonly torn: boolean
  readonly detail: string
}

/** One of the ways in which pgwatchd keeps something on disk. */
export interface Store {
  /** The file's name. */
  readonly name: string
  /** Operation number 1, 2, 3, …, each made by pgwatchd's own code; durable when it resolves. */
  open(files: Files, directory: string): Promise<(operation: number) => Promise<void>>
  /**
   * Looks after the cut. `acknowledged` operations were known to be durable before it; some more may have been made, the
   * last of them in part, and at most `begun` in all.
   */
  check(files: Files, directory: string, acknowledged: number, begun: number): Promise<Finding>
}

export const WHOLE: Finding = { lost: false, torn: false, detail: '' }

export function lost(detail: string): Finding {
  return { lost: true, torn: false, detail }
}

export function torn(detail: string): Finding {
  return { lost: false, torn: true, detail }
}
