import { checkIntegrity } from './check-integrity.ts'
import { createBackups } from './create-backups.ts'
import { drillBackups } from './drill-backups.ts'
import { heartbeat } from './heartbeat.ts'
import type { Job } from './job.ts'
import { pruneBackups } from './prune-backups.ts'
import { pruneIncidents } from './prune-incidents.ts'
import { summary } from './summary.ts'
import { verifyBackups } from './verify-backups.ts'
import { watchBackups } from './watch-backups.ts'

/** Every job. */
export const JOBS: readonly Job[] = [
  heartbeat,
  pruneIncidents,
  summary,
  pruneBackups,
  verifyBackups,
  drillBackups,
  createBackups,
  watchBackups,
  checkIntegrity,
]
