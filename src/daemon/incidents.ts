import type { Assessment } from '../core/cause.ts'
import type { Decision } from '../core/decide.ts'
import type { Incident } from '../core/incident.ts'
import { elapsedMs } from '../core/instant.ts'
import { instantOf } from './instant-of.ts'
import type { Watch } from './watch.ts'

/** Opens the incident that the state names, or brings its story up to date. */
export async function openIncident(watch: Watch, { state, event, before }: Decision): Promise<void> {
  const assessment = 'assessment' in event ? event.assessment : undefined
  if (state.incidentId === null || assessment === undefined) return
  if (watch.incident?.id !== state.incidentId) {
    watch.incident = await watch.incidents.open({
      ...assessment,
      id: state.incidentId,
      cluster: watch.cluster.name,
      cause: assessment.cause ?? 'unclear',
    })
    return
  }
  if (before.cause !== state.cause && assessment.cause !== undefined) {
    await updateIncident(watch, (incident) => ({
      ...incident,
      ...diagnosisOf(assessment, incident),
      timeline: [...incident.timeline, entry(watch, assessment.verdict)],
    }))
  }
}

function diagnosisOf(assessment: Assessment, incident: Incident): Pick<Incident, 'cause' | 'verdict' | 'evidence' | 'ruledOut'> {
  return {
    cause: assessment.cause ?? incident.cause,
    verdict: assessment.verdict,
    evidence: assessment.evidence,
    ruledOut: assessment.ruledOut,
  }
}

const OUTCOMES: Partial<Readonly<Record<Decision['event']['type'], string>>> = {
  'recovery-succeeded': 'recovered',
  'operator-paused': 'paused',
}

/** Ends the incident of the state before, with its downtime and how it ended. */
export async function closeIncident(watch: Watch, decision: Decision): Promise<void> {
  const { incident } = watch
  if (incident === undefined) return
  const outcome = OUTCOMES[decision.event.type] ?? quietOutcome(decision)
  watch.incident = undefined
  await watch.incidentWrites
  if (incident.outcome !== '') return
  await watch.incidents.close(
    { ...incident, timeline: [...incident.timeline, entry(watch, decision.why)] },
    { outcome, downtimeMs: downtimeMs(watch, decision) },
  )
}

/** How an incident ended that pgwatchd did not end. */
function quietOutcome({ before }: Decision): string {
  if (before.told) return 'recovered-without-us'
  return before.downSince === null ? 'false-alarm' : 'recovered-by-itself'
}

/** Milliseconds without service in the incident of this decision; `undefined` when it served all the time. */
export function downtimeMs(watch: Watch, { before, state }: Decision): number | undefined {
  const since = state.downSince ?? before.downSince
  return since === null ? undefined : elapsedMs(since, instantOf(watch.outside.clock))
}

/** Adds a sentence to the incident's timeline. */
export async function note(watch: Watch, text: string): Promise<void> {
  await updateIncident(watch, (incident) => ({ ...incident, timeline: [...incident.timeline, entry(watch, text)] }))
}

export async function updateIncident(watch: Watch, change: (incident: Incident) => Incident): Promise<void> {
  if (watch.incident === undefined) return
  const changed = change(watch.incident)
  watch.incident = changed
  watch.incidentWrites = watch.incidentWrites.then(() => write(watch, changed))
  await watch.incidentWrites
}

/** Never rejects: a story that is not written must not hold up what it tells of. */
async function write(watch: Watch, incident: Incident): Promise<void> {
  try {
    await watch.incidents.update(incident)
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    watch.outside.log.write({
      level: 'err',
      event: 'bug',
      message: `the incident ${incident.id} was not written by a bug in pgwatchd: ${text}`,
    })
  }
}

function entry(watch: Watch, text: string) {
  return { wallMs: watch.outside.clock.wallMs(), text }
}
