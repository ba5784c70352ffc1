import { applyRemedies } from './steps/apply-remedies.ts'
import { captureEvidence } from './steps/capture-evidence.ts'
import { checkDataFiles } from './steps/check-data-files.ts'
import { clearStalePid } from './steps/clear-stale-pid.ts'
import { freeDiskSpace } from './steps/free-disk-space.ts'
import { repairDamage } from './steps/repair-damage.ts'
import { restartClean } from './steps/restart-clean.ts'
import { startPostgres } from './steps/start-postgres.ts'
import { stopPostgres } from './steps/stop-postgres.ts'
import { verify } from './steps/verify.ts'
import type { Step } from './step.ts'

/** The pipeline, top to bottom; a plan picks from it. */
export const STEPS: readonly Step[] = [
  captureEvidence,
  freeDiskSpace,
  applyRemedies,
  stopPostgres,
  clearStalePid,
  checkDataFiles,
  startPostgres,
  repairDamage,
  restartClean,
  verify,
]
