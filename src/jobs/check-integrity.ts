import type { Job } from './job.ts'

export const checkIntegrity: Job = {
  name: 'check-integrity',
  purpose:
    'Begins to read every page of every healthy cluster from disk, slowly, and to compare its visibility maps; off unless a schedule is configured',
  timing: ({ integritySchedule }) => (integritySchedule === '' ? { kind: 'off' } : { kind: 'calendar', schedule: integritySchedule }),
  async run(context) {
    const begun = context.beginIntegrityChecks()
    return begun.length === 0 ? 'no cluster is healthy and unchecked now' : `the integrity of ${begun.join(', ')} is being checked`
  },
}
