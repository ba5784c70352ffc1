import { byCalendar, forEachCluster } from './backup/for-each-cluster.ts'
import type { Pruned } from './backup/prune-backups.ts'
import type { Job } from './job.ts'

export const pruneBackups: Job = {
  name: 'prune-backups',
  purpose: 'Removes old backups, never after a failed or unverified one and never the last one that is proved',
  timing: ({ backup }) => byCalendar(backup, backup.pruneSchedule),
  run: (context, signal) =>
    forEachCluster<Pruned>(
      context.backups(),
      {
        what: 'pruned',
        key: 'backup:prune',
        sentence: ({ removed, objection }) => {
          if (removed.length > 0) return `removed ${removed.length} old backups, the newest of them ${removed.at(-1) ?? ''}`
          return objection === '' ? '' : `no backup is removed, because ${objection}`
        },
      },
      (care) => care.prune(signal),
    ),
}
