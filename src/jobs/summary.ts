import type { Incident } from '../core/incident.ts'
import { describeDuration } from '../core/describe-duration.ts'
import type { ClusterStanding, Job, JobContext } from './job.ts'

const MAXIMUM_LISTED = 20
const PERIOD_MS = 7 * 86_400_000

export const summary: Job = {
  name: 'summary',
  purpose: 'Mails how every cluster stands and what happened within the last seven days; off unless a schedule is configured',
  timing: ({ summarySchedule }) => (summarySchedule === '' ? { kind: 'off' } : { kind: 'calendar', schedule: summarySchedule }),
  async run(context) {
    const incidents = await recentIncidents(context)
    await context.mail(subjectOf(context, incidents.length), textOf(context, incidents))
    return `a summary was put into the outbox: ${counted(incidents.length)} within 7 days`
  },
}

async function recentIncidents(context: JobContext): Promise<readonly Incident[]> {
  const since = context.clock.wallMs() - PERIOD_MS
  return (await context.incidents.list()).filter((incident) => (incident.closedAtWallMs ?? Infinity) >= since)
}

/** "[INFO] db1: summary, all 2 clusters healthy, 1 incident" */
function subjectOf(context: JobContext, incidents: number): string {
  const clusters = context.clusters()
  const troubled = clusters.filter((cluster) => cluster.mode !== 'healthy').length
  const state = troubled === 0 ? `all ${clusters.length} healthy` : `${troubled} of ${clusters.length} not healthy`
  return `[${troubled === 0 ? 'INFO' : 'WARNING'}] ${context.host}: summary, clusters ${state}, ${counted(incidents)} within 7 days`
}

function textOf(context: JobContext, incidents: readonly Incident[]): string {
  const clusters = context.clusters().map((cluster) => `  ${clusterLine(cluster, context.clock.wallMs())}`)
  const shown = incidents.slice(0, MAXIMUM_LISTED).map((incident) => `  ${incidentLine(incident)}`)
  const more = incidents.length > MAXIMUM_LISTED ? [`  (${incidents.length - MAXIMUM_LISTED} more: pgwatchd incidents)`] : []
  const listed = incidents.length === 0 ? ['  none'] : [...shown, ...more]
  const title = 'Incidents within 7 days, newest first (UTC)'
  return ['Clusters', ...clusters, '', title, ...listed, '', `pgwatchd on ${context.host}`, ''].join('\n')
}

function clusterLine(cluster: ClusterStanding, wallMs: number): string {
  const since = cluster.healthySinceWallMs
  const detail = cluster.mode === 'healthy' && since !== undefined ? `for ${describeDuration(wallMs - since)}` : cluster.sentence
  return `${cluster.name.padEnd(16)} ${cluster.mode.padEnd(10)} ${detail}`
}

function incidentLine(incident: Incident): string {
  const opened = new Date(incident.openedAtWallMs).toISOString().slice(0, 16).replace('T', ' ')
  const downtime = incident.downtimeMs === undefined ? 'served throughout' : `down for ${describeDuration(incident.downtimeMs)}`
  const outcome = incident.outcome === '' ? 'still open' : incident.outcome
  return `${opened}  ${incident.cluster}  ${incident.cause}: ${outcome}, ${downtime}\n      pgwatchd incidents ${incident.id}`
}

function counted(incidents: number): string {
  return `${incidents} ${incidents === 1 ? 'incident' : 'incidents'}`
}
