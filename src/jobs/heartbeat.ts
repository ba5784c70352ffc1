import { describeDuration } from '../core/describe-duration.ts'
import type { ClusterStanding, Job, JobContext } from './job.ts'

export const heartbeat: Job = {
  name: 'heartbeat',
  purpose: 'Says in the journal, rarely, that pgwatchd lives and how each cluster stands',
  timing: ({ heartbeatMs }) => (heartbeatMs > 0 ? { kind: 'interval', everyMs: heartbeatMs } : { kind: 'off' }),
  run: async (context) => describe(context),
}

/** "watching 2 clusters: 15-main healthy for 3 h, 13-old waiting (no room)" */
function describe(context: JobContext): string {
  const clusters = context.clusters()
  const wallMs = context.clock.wallMs()
  const counted = clusters.length === 1 ? '' : `${clusters.length} clusters: `
  const mail = context.outbox.waiting === 0 ? '' : `; ${context.outbox.waiting} mails wait to be sent`
  return `watching ${counted}${clusters.map((cluster) => standing(cluster, wallMs)).join(', ')}${mail}`
}

function standing(cluster: ClusterStanding, wallMs: number): string {
  if (cluster.mode !== 'healthy') return `${cluster.name} ${cluster.mode} (${cluster.sentence})`
  const since = cluster.healthySinceWallMs
  return `${cluster.name} healthy${since === undefined ? '' : ` for ${describeDuration(wallMs - since)}`}`
}
