import { byCalendar, forEachCluster } from './backup/for-each-cluster.ts'
import type { Job } from './job.ts'

export const verifyBackups: Job = {
  name: 'verify-backups',
  purpose: 'Verifies the newest backup of each cluster by reading every byte of it',
  timing: ({ backup }) => byCalendar(backup, backup.verifySchedule),
  run: (context, signal) =>
    forEachCluster(
      context.backups(),
      { what: 'verified', key: 'backup:verify', sentence: ({ detail }) => `verified the newest backup: ${detail}` },
      (care) => care.verify(signal),
    ),
}
