import type { Plan } from '../core/cause.ts'
import type { StepName } from './step.ts'
import { STEP_NAMES } from './step.ts'

/** Which steps a plan takes, in the order of the pipeline. */
export const PLANS: Readonly<Record<Plan, readonly StepName[]>> = {
  restart: STEP_NAMES,
  'repair-online': ['capture-evidence', 'free-disk-space', 'repair-damage', 'restart-clean', 'verify'],
  remedies: ['capture-evidence', 'apply-remedies', 'verify'],
  'free-space': ['capture-evidence', 'free-disk-space', 'verify'],
}
