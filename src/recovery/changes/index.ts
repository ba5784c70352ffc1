import type { Change, ChangeKind, UndoCheck, UndoGround } from './change.ts'
import { bytesReplaced } from './kinds/bytes-replaced.ts'
import { directoryMade } from './kinds/directory-made.ts'
import { fileMoved } from './kinds/file-moved.ts'
import { fileRemoved } from './kinds/file-removed.ts'
import { fileWritten } from './kinds/file-written.ts'
import { processesContinued, rebuilt, sessionsEnded, tableRewritten } from './kinds/irreversible.ts'
import { modeChanged } from './kinds/mode-changed.ts'

/** Every kind of change; the compiler refuses a missing one. */
export const CHANGE_KINDS: { readonly [Kind in Change['kind']]: ChangeKind<Kind> } = {
  'file-moved': fileMoved,
  'file-removed': fileRemoved,
  'mode-changed': modeChanged,
  'directory-made': directoryMade,
  'file-written': fileWritten,
  'bytes-replaced': bytesReplaced,
  'sessions-ended': sessionsEnded,
  'processes-continued': processesContinued,
  rebuilt,
  'table-rewritten': tableRewritten,
}

export function describeChange(change: Change): string {
  return kindOf(change).describe(change)
}

export function considerUndo(ground: UndoGround, change: Change, signal: AbortSignal): Promise<UndoCheck> {
  return kindOf(change).consider(ground, change, signal)
}

export function undoChange(ground: UndoGround, change: Change, signal: AbortSignal): Promise<void> {
  return kindOf(change).undo(ground, change, signal)
}

/** The table is keyed by kind, which the compiler cannot follow for a union. */
function kindOf<C extends Change>(change: C): ChangeKind<C['kind']> {
  return CHANGE_KINDS[change.kind] as ChangeKind<C['kind']>
}
