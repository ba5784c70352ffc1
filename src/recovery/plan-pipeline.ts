import type { Plan } from '../core/cause.ts'
import type { PlannedStep } from './pipeline.ts'
import { PLANS } from './plans.ts'
import type { StepGround } from './run-pipeline.ts'
import type { Check, Step, StepContext } from './step.ts'
import { describeThrown } from './take-step.ts'

/**
 * What each step of the plan would do now, found by asking preconditions only. After the first that would stop, the rest
 * are shown as skipped because they are not reached. Preconditions after `stop-postgres` and `start-postgres` suppose the
 * server stopped and serving.
 */
export async function planPipeline(
  steps: readonly Step[],
  plan: Plan,
  ground: StepGround,
  signal: AbortSignal,
): Promise<readonly PlannedStep[]> {
  const planned: PlannedStep[] = []
  let context: StepContext = { ...ground, recall: () => undefined, note: refuseToNote }
  let ended: string | undefined
  for (const step of steps.filter((each) => PLANS[plan].includes(each.name))) {
    const check = ended === undefined ? await ask(step, context, signal) : notReached(ended)
    planned.push({ name: step.name, purpose: step.purpose, go: check.go, because: check.because, changes: step.changes })
    if (check.go === 'stop') ended = step.name
    if (check.go === 'run') context = suppose(step, context)
  }
  return planned
}

function notReached(ended: string): Check {
  return { go: 'skip', because: `not reached: ${ended} ends the attempt` }
}

async function ask(step: Step, context: StepContext, signal: AbortSignal): Promise<Check> {
  try {
    return await step.precondition(context, signal)
  } catch (error) {
    return { go: 'stop', because: describeThrown(step, error), held: false }
  }
}

function suppose(step: Step, context: StepContext): StepContext {
  if (step.name === 'stop-postgres') return { ...context, supposed: 'stopped' }
  return step.name === 'start-postgres' ? { ...context, supposed: 'serving' } : context
}

function refuseToNote(): Promise<void> {
  throw new Error('a precondition tried to write to the journal')
}
