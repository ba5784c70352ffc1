import type { Plan } from '../core/cause.ts'
import { OutsideError } from '../ports/outside-error.ts'
import { PLANS } from './plans.ts'
import { LADDERS } from './remedies/index.ts'
import type { Ladder, PlannedRemedy } from './remedies/ladder.ts'
import type { StepGround } from './run-pipeline.ts'
import type { StepContext } from './step.ts'

/**
 * The ladders that an attempt with this plan would climb now, rung by rung, found by asking preconditions only: that of the
 * cause, and those of disk and damage where there is something for them to mend.
 */
export async function planRemedies(plan: Plan, ground: StepGround, signal: AbortSignal): Promise<readonly PlannedRemedy[]> {
  const context: StepContext = { ...ground, recall: () => undefined, note: refuseToNote }
  const planned: PlannedRemedy[] = []
  for (const ladder of Object.values(LADDERS).filter((each) => isClimbed(each, plan, context)))
    planned.push(...(await orNothing(() => ladder.plan(context, signal))))
  return planned
}

function isClimbed({ cause, step }: Ladder, plan: Plan, { assessment }: StepContext): boolean {
  return cause === assessment.cause || (step !== 'apply-remedies' && PLANS[plan].includes(step))
}

/** A plan that cannot look says nothing of it: the step of that ladder tells why in its own line. */
async function orNothing(look: () => Promise<readonly PlannedRemedy[]>): Promise<readonly PlannedRemedy[]> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return []
  }
}

function refuseToNote(): Promise<void> {
  throw new Error('a precondition tried to write to the journal')
}
