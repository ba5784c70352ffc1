import { applyRemedies } from './steps/apply-remedies.ts'
import { captureEvidence } from './steps/capture-evidence.ts'
import { checkDataFiles } from './steps/check-data-files.ts'
import { clearStalePid } from './steps/clear-stale-pid.ts'
import { freeDiskSpace } from './steps/free-disk-space.ts'
import { loadDatabase } from './steps/load-database.ts'
import { repairDamage } from './steps/repair-damage.ts'
import { restartClean } from './steps/restart-clean.ts'
import { startPostgres } from './steps/start-postgres.ts'
import { stopOnRequest } from './steps/stop-on-request.ts'
import { stopPostgres } from './steps/stop-postgres.ts'
import { swapDataDirectory } from './steps/swap-data-directory.ts'
import { swapDatabase } from './steps/swap-database.ts'
import { unpackBackup } from './steps/unpack-backup.ts'
import { verify } from './steps/verify.ts'
import type { Step } from './step.ts'

/** The pipeline, top to bottom; a plan picks from it. */
export const STEPS: readonly Step[] = [
  captureEvidence,
  freeDiskSpace,
  applyRemedies,
  unpackBackup,
  loadDatabase,
  stopPostgres,
  stopOnRequest,
  swapDataDirectory,
  clearStalePid,
  checkDataFiles,
  startPostgres,
  repairDamage,
  restartClean,
  swapDatabase,
  verify,
]
