import { heartbeat } from './heartbeat.ts'
import type { Job } from './job.ts'
import { pruneIncidents } from './prune-incidents.ts'
import { summary } from './summary.ts'

/** Every job. */
export const JOBS: readonly Job[] = [heartbeat, pruneIncidents, summary]
