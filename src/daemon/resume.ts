import type { Assessment } from '../core/cause.ts'
import type { Decision } from '../core/decide.ts'
import type { State } from '../core/state.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { Journal } from '../recovery/pipeline.ts'
import { updateIncident } from './incidents.ts'
import { begin, eventOf, finish, goOn } from './recover.ts'
import { look } from './tick.ts'
import type { Watch } from './watch.ts'

/**
 * Takes up the attempt that an earlier run of pgwatchd left: it goes on, its recorded end is answered, or it begins now,
 * because without a journal nothing was done in it yet. It is the same attempt, which was counted already.
 */
export async function resumeRecovery(watch: Watch, decision: Decision): Promise<void> {
  await takeUpIncident(watch, decision.state)
  const journal = await findJournal(watch, decision.state)
  if (journal === 'unreadable') goOn(watch, finish(watch, { type: 'recovery-failed' }))
  else if (journal === undefined) goOn(watch, beginAnew(watch, decision))
  else if (journal.status !== 'open') goOn(watch, finish(watch, eventOf(journal.status, journal.ending?.cannotBeStopped === true)))
  else begin(watch, journal.assessment ?? { ...rememberedAssessment(watch, decision.state), plan: journal.plan }, journal.attempt, journal)
}

/** The incident's file may not have been written yet, or not with this attempt. */
async function takeUpIncident(watch: Watch, { incidentId, cause, incidentAttempts }: State): Promise<void> {
  if (incidentId === null) return
  const verdict = 'a recovery was under way when pgwatchd ended'
  watch.incident = await watch.incidents.open({ id: incidentId, cluster: watch.cluster.name, cause: cause ?? 'unclear', verdict })
  await updateIncident(watch, (incident) => ({ ...incident, attempts: incidentAttempts }))
}

/** The journal of this very attempt; what could not be read may have told of anything. */
async function findJournal(watch: Watch, { incidentId, incidentAttempts }: State): Promise<Journal | undefined | 'unreadable'> {
  try {
    const journal = await watch.journal.load()
    return journal?.incidentId === incidentId && journal.attempt === incidentAttempts ? journal : undefined
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    const { name } = watch.cluster
    const message = `${name}: the journal of the recovery under way is lost, so it counts as failed: ${error.message}`
    watch.outside.log.write({ level: 'err', event: 'journal-unreadable', message, cluster: name })
    return 'unreadable'
  }
}

/** What was found then may be over: the plan is made of what is found now. What an operator asked for and had not begun is asked for again. */
async function beginAnew(watch: Watch, decision: Decision): Promise<void> {
  if (decision.state.cause === 'restart-requested' || decision.state.cause === 'restore-requested')
    return finish(watch, { type: 'recovery-held' })
  const { assessment } = await look(watch)
  watch.assessment = assessment
  if (assessment.response === 'none') return finish(watch, { type: 'recovery-succeeded' })
  if (assessment.plan === undefined) return finish(watch, { type: 'recovery-held' })
  begin(watch, assessment, decision.state.incidentAttempts, undefined)
}

function rememberedAssessment({ incident }: Watch, { cause }: State): Assessment {
  return {
    cause: cause ?? 'unclear',
    response: 'recover',
    plan: undefined,
    strength: 'proven',
    verdict: incident?.verdict ?? '',
    evidence: incident?.evidence ?? [],
    ruledOut: incident?.ruledOut ?? [],
    warnings: [],
    attemptsAtMost: undefined,
  }
}
