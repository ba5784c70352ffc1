import { summarizeBackups } from '../core/backup/summarize-backups.ts'
import type { Assessment } from '../core/cause.ts'
import type { Cluster } from '../core/cluster.ts'
import { type HealthReport, reportHealth } from '../core/health.ts'
import type { Readings } from '../core/reading.ts'
import { listBackups } from '../jobs/backup/store.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { Outside } from '../ports/outside.ts'
import { findDataDirectoryFault } from '../server/data-directory-fault.ts'
import { findLongQueries } from '../server/long-queries.ts'
import type { WatchSettings } from './settings.ts'

const LONG_QUERY_MS = 5 * 60_000

export interface HealthQuestion {
  readonly cluster: Cluster
  readonly outside: Outside
  readonly backup: WatchSettings['backup']
  readonly looked: { readonly readings: Readings; readonly assessment: Assessment }
}

/** Server, data directory, disks, long queries and backups of one cluster in one report. Changes nothing. */
export async function examineHealth({ cluster, outside, backup, looked }: HealthQuestion, signal: AbortSignal): Promise<HealthReport> {
  const [dataDirectoryFault, longQueries, backups] = await Promise.all([
    faultOf(cluster, outside),
    findLongQueries(outside, LONG_QUERY_MS, signal),
    backupsOf(cluster, outside, backup),
  ])
  return reportHealth({
    cluster: cluster.name,
    ...looked,
    dataDirectory: cluster.dataDirectory,
    dataDirectoryFault,
    longQueries,
    backups,
    nowWallMs: outside.clock.wallMs(),
    limits: { longQueryMs: LONG_QUERY_MS, backupAgeMs: backup.maximumAgeMs },
  })
}

async function faultOf(cluster: Cluster, { files }: Outside): Promise<string> {
  try {
    return await findDataDirectoryFault(cluster, files)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return error.message
  }
}

async function backupsOf(cluster: Cluster, outside: Outside, backup: WatchSettings['backup']) {
  if (backup.kind === 'none') return null
  try {
    return summarizeBackups((await listBackups({ outside, directory: `${backup.directory}/${cluster.name}` })).backups)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return undefined
  }
}
