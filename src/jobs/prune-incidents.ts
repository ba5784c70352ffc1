import type { Job } from './job.ts'

const EVERY_MS = 6 * 3_600_000

export const pruneIncidents: Job = {
  name: 'prune-incidents',
  purpose: 'Removes the folders of old, closed incidents, and none that still holds something to be put back',
  timing: () => ({ kind: 'interval', everyMs: EVERY_MS }),
  async run(context) {
    const removed = await context.incidents.prune(context.settings.incidents)
    if (removed.length === 0) return ''
    return `removed ${removed.length} old ${removed.length === 1 ? 'incident' : 'incidents'}, the newest of them ${removed[0]}`
  },
}
