import type { Logbook } from './logbook.ts'
import { JournalNotSaved } from './logbook.ts'
import type { JournalStep } from './pipeline.ts'
import type { Step, StepContext } from './step.ts'
import { describeThrown } from './take-step.ts'

const BEGAN: readonly JournalStep['status'][] = ['began', 'done', 'failed']

/** Marks every step that is still to be undone as `not-undone`, for the reason given. */
export async function leaveAsItIs(logbook: Logbook, why: string): Promise<void> {
  for (const entry of begun(logbook)) await logbook.mark(entry.name, 'not-undone', why)
}

/**
 * Undoes in reverse every step that began, also half done, each with its outcome in the journal. Returns what was put
 * back; what could not be is in the journal as `not-undone`. Returns early, with the rest untouched, when `signal` aborts.
 */
export async function unwind(
  steps: readonly Step[],
  logbook: Logbook,
  contextOf: (step: Step) => StepContext,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const putBack: string[] = []
  for (const entry of begun(logbook)) {
    if (signal.aborted) break
    const step = steps.find((each) => each.name === entry.name)
    if (step === undefined) await logbook.mark(entry.name, 'not-undone', 'this version of pgwatchd has no such step')
    else putBack.push(...(await undo(step, contextOf(step), logbook, signal)))
  }
  return putBack
}

function begun(logbook: Logbook): readonly JournalStep[] {
  return logbook
    .journal()
    .steps.filter((step) => BEGAN.includes(step.status))
    .toReversed()
}

async function undo(step: Step, context: StepContext, logbook: Logbook, signal: AbortSignal): Promise<readonly string[]> {
  if (typeof step.undo !== 'function') {
    await logbook.mark(step.name, 'not-undone', step.undo.impossible)
    return []
  }
  try {
    const putBack = await step.undo(context, signal)
    await logbook.mark(step.name, 'undone', putBack.join('; '))
    return putBack
  } catch (error) {
    if (error instanceof JournalNotSaved) throw error
    if (!signal.aborted) await logbook.mark(step.name, 'not-undone', describeThrown(step, error))
    return []
  }
}
