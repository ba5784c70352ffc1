import type { StoredBackup } from './backup/backup.ts'
import { byCalendar, forEachCluster, type Wording } from './backup/for-each-cluster.ts'
import type { Job, JobContext } from './job.ts'

/** Also of the catch-up, which makes what this job did not. */
export const CREATED: Wording<StoredBackup> = {
  what: 'made',
  key: 'backup:create',
  sentence: ({ manifest }) => `made the backup ${manifest.id}`,
}

export const createBackups: Job = {
  name: 'create-backups',
  purpose: 'Makes a backup of each cluster by the calendar, not while an incident is open',
  timing: ({ backup }) => byCalendar(backup, backup.schedule),
  async run(context, signal) {
    for (const care of context.backups()) await care.due.save({ lastWallMs: context.clock.wallMs(), nextWallMs: nextOf(context) })
    return forEachCluster(context.backups(), CREATED, (care) => care.create(signal))
  },
}

function nextOf(context: JobContext): number | undefined {
  return context.nextBackupWallMs()
}
