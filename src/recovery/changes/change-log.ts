import type { Files } from '../../ports/files.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import type { StepContext } from '../step.ts'
import type { Change } from './change.ts'

const NAME = 'changes.jsonl'
const MOST_BYTES = 4 << 20

/** One line of the log: a change that was about to be made, or that an earlier one was taken back. */
export type ChangeEntry =
  | { readonly version: 1; readonly wallMs: number; readonly by: string; readonly change: Change }
  /** `undone` is the position of the entry that was taken back, from 0. */
  | { readonly version: 1; readonly wallMs: number; readonly undone: number }

type ChangeContext = Pick<StepContext, 'outside' | 'incidentDirectory'>

/**
 * Records what `by` (a remedy or step) is about to change, durably, in the incident's folder. Await it before the change;
 * rejects with `OutsideError` when it is not durable: then nothing may be changed.
 */
export async function recordChange(context: ChangeContext, by: string, change: Change): Promise<void> {
  await append(context, { version: 1, wallMs: context.outside.clock.wallMs(), by, change })
}

/** For the one change that makes the room to record others: what gives back space on a full disk. */
export async function tryToRecordChange(context: ChangeContext, by: string, change: Change): Promise<boolean> {
  try {
    await recordChange(context, by, change)
    return true
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return false
  }
}

export async function recordUndone(context: ChangeContext, undone: number): Promise<void> {
  await append(context, { version: 1, wallMs: context.outside.clock.wallMs(), undone })
}

/** Every entry, oldest first; a last line that was cut short by a power cut tells of a change that was not begun. */
export async function readChanges(files: Files, incidentDirectory: string): Promise<readonly ChangeEntry[]> {
  const text = await files.readText(`${incidentDirectory}/${NAME}`, { maxBytes: MOST_BYTES })
  return (text ?? '').split('\n').flatMap(parseEntry)
}

async function append({ outside, incidentDirectory }: ChangeContext, entry: ChangeEntry): Promise<void> {
  await outside.files.makeDirectory(incidentDirectory, 0o700)
  await outside.files.appendDurably(`${incidentDirectory}/${NAME}`, `\n${JSON.stringify(entry)}\n`, 0o600)
}

function parseEntry(line: string): readonly ChangeEntry[] {
  try {
    const value: unknown = JSON.parse(line)
    return isEntry(value) ? [value] : []
  } catch {
    return []
  }
}

function isEntry(value: unknown): value is ChangeEntry {
  return (
    typeof value === 'object' && value !== null && 'version' in value && value.version === 1 && ('change' in value || 'undone' in value)
  )
}
