import type { Plan } from '../core/cause.ts'
import type { StepName } from './step.ts'
import { STEP_NAMES } from './step.ts'

/** Steps that are taken only where a person has asked for it. */
const ON_REQUEST: readonly StepName[] = ['unpack-backup', 'load-database', 'stop-on-request', 'swap-data-directory', 'swap-database']

/** Which steps a plan takes, in the order of the pipeline. */
export const PLANS: Readonly<Record<Plan, readonly StepName[]>> = {
  restart: STEP_NAMES.filter((name) => !ON_REQUEST.includes(name)),
  'repair-online': ['capture-evidence', 'free-disk-space', 'repair-damage', 'restart-clean', 'verify'],
  remedies: ['capture-evidence', 'apply-remedies', 'verify'],
  'free-space': ['capture-evidence', 'free-disk-space', 'verify'],
  'restart-on-request': ['stop-on-request', 'start-postgres', 'verify'],
  'restore-cluster': ['capture-evidence', 'unpack-backup', 'stop-on-request', 'swap-data-directory', 'start-postgres', 'verify'],
  'restore-database': ['capture-evidence', 'load-database', 'swap-database', 'verify'],
}
