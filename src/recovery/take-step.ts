import { OutsideError } from '../ports/outside-error.ts'
import type { Logbook } from './logbook.ts'
import { JournalNotSaved } from './logbook.ts'
import type { Ending } from './pipeline.ts'
import type { Check, Step, StepContext, StepResult } from './step.ts'

/** What became of one step: it `passed` (ran or was not needed), the attempt must `end`, or the daemon is to end `suspended`. */
export type StepEnd =
  | { readonly kind: 'passed'; readonly did: readonly string[]; readonly notDone: readonly string[] }
  | { readonly kind: 'ended'; readonly ending: Ending; readonly did: readonly string[]; readonly notDone: readonly string[] }
  | { readonly kind: 'suspended' }

/**
 * Asks a step's precondition and runs it, with its start in the journal before it begins and its end after.
 * Never rejects but with `JournalNotSaved`: whatever a step throws becomes an ending.
 */
export async function takeStep(step: Step, context: StepContext, logbook: Logbook, signal: AbortSignal): Promise<StepEnd> {
  try {
    const check = await step.precondition(context, signal)
    if (check.go === 'skip') return await skip(step, check.because, logbook)
    if (check.go === 'stop') return signal.aborted ? { kind: 'suspended' } : stopBefore(step, check)
    await logbook.mark(step.name, 'began', logbook.entry(step.name)?.detail ?? '')
    return await conclude(step, await step.run(context, signal), logbook, signal)
  } catch (error) {
    if (error instanceof JournalNotSaved) throw error
    if (signal.aborted) return { kind: 'suspended' }
    return fail(step, describeThrown(step, error), logbook)
  }
}

/** A step that began earlier in this attempt stays on record as done, so that it is undone when a later one fails. */
async function skip(step: Step, because: string, logbook: Logbook): Promise<StepEnd> {
  const earlier = logbook.entry(step.name)
  if (earlier === undefined || earlier.status === 'skipped') await logbook.mark(step.name, 'skipped', because)
  else await logbook.mark(step.name, 'done', earlier.detail === '' ? because : earlier.detail)
  return { kind: 'passed', did: [], notDone: [] }
}

function stopBefore(step: Step, check: Extract<Check, { go: 'stop' }>): StepEnd {
  const status = check.held ? 'held' : 'failed'
  const ending = { status, why: check.because, step: step.name, cannotBeStopped: false } as const
  return { kind: 'ended', ending, did: [], notDone: [] }
}

async function conclude(step: Step, result: StepResult, logbook: Logbook, signal: AbortSignal): Promise<StepEnd> {
  const notDone = result.notDone ?? []
  if (result.ok) {
    await logbook.mark(step.name, 'done', result.did.join('; '))
    return { kind: 'passed', did: result.did, notDone }
  }
  if (signal.aborted || result.suspend === true) return { kind: 'suspended' }
  await logbook.mark(step.name, 'failed', result.why)
  const status = result.held ? 'held' : 'failed'
  const cannotBeStopped = result.cannotBeStopped === true
  const hold = result.keepsHold === true ? { keepsHold: true as const } : {}
  return { kind: 'ended', ending: { status, why: result.why, step: step.name, cannotBeStopped, ...hold }, did: result.did, notDone }
}

async function fail(step: Step, why: string, logbook: Logbook): Promise<StepEnd> {
  if (logbook.entry(step.name) !== undefined) await logbook.mark(step.name, 'failed', why)
  return { kind: 'ended', ending: { status: 'failed', why, step: step.name, cannotBeStopped: false }, did: [], notDone: [] }
}

/** Expected failures speak for themselves; anything else is named as the bug it is. */
export function describeThrown(step: Step, error: unknown): string {
  if (error instanceof OutsideError) return error.hint === '' ? error.message : `${error.message}; ${error.hint}`
  return `bug in step ${step.name}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`
}
