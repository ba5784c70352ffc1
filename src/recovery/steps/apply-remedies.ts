import { LADDERS } from '../remedies/index.ts'
import type { Climbed, Ladder } from '../remedies/ladder.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'

/** Takes the remedies of the cause, the least invasive first, before anything is restarted. */
export const applyRemedies: Step = {
  name: 'apply-remedies',
  purpose: 'ensure that what helps without a restart was tried, the least invasive first',
  changes: 'what the remedies of the cause say; see docs/remedies.md',
  precondition,
  run,
  undo: { impossible: 'pgwatchd undo takes back what can be, change by change' },
}

async function precondition(context: StepContext): Promise<Check> {
  const ladder = ladderOf(context)
  if (ladder === undefined) return { go: 'skip', because: `${context.assessment.cause ?? 'the trouble'} has no remedy short of a restart` }
  return { go: 'run', because: `${context.assessment.cause ?? ''} has ${ladder.remedies.map(({ name }) => name).join(', ')}` }
}

async function run(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  const ladder = ladderOf(context)
  return ladder === undefined ? { ok: true, did: [] } : conclude(context, await ladder.climb(context, signal))
}

/** The ladders of disk and damage are climbed by steps of their own, at their own place in the pipeline. */
function ladderOf({ assessment: { cause } }: StepContext): Ladder | undefined {
  const ladder = cause === undefined ? undefined : LADDERS[cause]
  return ladder?.step === 'apply-remedies' ? ladder : undefined
}

/** Where the pipeline goes on, what is left is for the steps that follow. */
function conclude({ assessment }: StepContext, { did, notDone, unmended }: Climbed): StepResult {
  if (unmended.length === 0 || assessment.plan === 'restart') return { ok: true, did, notDone }
  return { ok: false, why: notDone[0] ?? `nothing helped ${unmended.join(', ')}`, held: true, did, notDone }
}
