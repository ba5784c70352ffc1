import { byCalendar, forEachCluster } from './backup/for-each-cluster.ts'
import type { Job } from './job.ts'

export const drillBackups: Job = {
  name: 'drill-backups',
  purpose: 'Restores the newest backup of each cluster into a scratch cluster and compares it',
  timing: ({ backup }) => byCalendar(backup, backup.drillSchedule),
  run: (context, signal) =>
    forEachCluster(
      context.backups(),
      { what: 'restored for proof', key: 'backup:drill', sentence: ({ detail }) => `proved the newest backup: ${detail}` },
      (care) => care.drill(signal),
    ),
}
