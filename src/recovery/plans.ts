import type { Plan } from '../core/cause.ts'
import type { StepName } from './step.ts'
import { STEP_NAMES } from './step.ts'

/** Steps that only a restore takes, which a person has asked for. */
const RESTORING: readonly StepName[] = ['unpack-backup', 'load-database', 'stop-for-restore', 'swap-data-directory', 'swap-database']

/** Which steps a plan takes, in the order of the pipeline. */
export const PLANS: Readonly<Record<Plan, readonly StepName[]>> = {
  restart: STEP_NAMES.filter((name) => !RESTORING.includes(name)),
  'repair-online': ['capture-evidence', 'free-disk-space', 'repair-damage', 'restart-clean', 'verify'],
  remedies: ['capture-evidence', 'apply-remedies', 'verify'],
  'free-space': ['capture-evidence', 'free-disk-space', 'verify'],
  'restore-cluster': ['capture-evidence', 'unpack-backup', 'stop-for-restore', 'swap-data-directory', 'start-postgres', 'verify'],
  'restore-database': ['capture-evidence', 'load-database', 'swap-database', 'verify'],
}
