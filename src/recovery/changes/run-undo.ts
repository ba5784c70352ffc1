import { OutsideError } from '../../ports/outside-error.ts'
import { considerUndo, describeChange, undoChange } from './index.ts'
import type { ChangeEntry } from './change-log.ts'
import { readChanges, recordUndone } from './change-log.ts'
import type { Change, UndoGround } from './change.ts'

/** What becomes of one change: `would-undo` only while a plan is drawn up. */
export interface UndoLine {
  readonly change: string
  readonly by: string
  readonly wallMs: number
  readonly outcome: 'undone' | 'would-undo' | 'not-undone' | 'failed'
  /** How it is taken back, or why it is not. */
  readonly detail: string
}

interface Pending {
  readonly position: number
  readonly entry: Extract<ChangeEntry, { readonly change: Change }>
}

/**
 * Takes back what an incident changed, the last first, where that is still meaningful; says of the rest why not. May be run
 * again: what was taken back is on record, and each change is looked at before it is touched.
 */
export async function runUndo(
  ground: UndoGround,
  options: { readonly planOnly: boolean },
  signal: AbortSignal,
): Promise<readonly UndoLine[]> {
  const entries = await readChanges(ground.outside.files, ground.incidentDirectory)
  const lines: UndoLine[] = []
  for (const pending of pendingOf(entries)) {
    if (signal.aborted) break
    lines.push(await takeBack(ground, pending, options.planOnly, signal))
  }
  return lines
}

function pendingOf(entries: readonly ChangeEntry[]): readonly Pending[] {
  const undone = new Set(entries.flatMap((entry) => ('undone' in entry ? [entry.undone] : [])))
  return entries.flatMap((entry, position) => ('change' in entry && !undone.has(position) ? [{ position, entry }] : [])).toReversed()
}

async function takeBack(ground: UndoGround, { position, entry }: Pending, planOnly: boolean, signal: AbortSignal): Promise<UndoLine> {
  const line = { change: describeChange(entry.change), by: entry.by, wallMs: entry.wallMs }
  try {
    const check = await considerUndo(ground, entry.change, signal)
    if (!check.can) return { ...line, outcome: 'not-undone', detail: check.because }
    if (planOnly) return { ...line, outcome: 'would-undo', detail: check.how }
    await undoChange(ground, entry.change, signal)
    await recordUndone(ground, position)
    return { ...line, outcome: 'undone', detail: check.how }
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return { ...line, outcome: 'failed', detail: error.message }
  }
}
