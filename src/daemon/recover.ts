import type { Assessment } from '../core/cause.ts'
import type { Decision } from '../core/decide.ts'
import type { Event } from '../core/event.ts'
import { NO_INDICATORS } from '../core/postgres/log-indicators.ts'
import { STEPS } from '../recovery/index.ts'
import type { Journal, PipelineOutcome } from '../recovery/pipeline.ts'
import { runPipeline, type StepGround } from '../recovery/run-pipeline.ts'
import { createVault } from './backup-vault.ts'
import { followLog } from './follow-log.ts'
import { incidentIdFor } from './incident-id.ts'
import { note, updateIncident } from './incidents.ts'
import { surveyOf } from './session-survey.ts'
import { tell } from './tell.ts'
import type { Watch } from './watch.ts'

/** Begins an attempt; it goes on by itself and ends in an event of its own. */
export async function startRecovery(watch: Watch, decision: Decision): Promise<void> {
  if (!('assessment' in decision.event)) throw new Error(`a recovery needs an assessment, and ${decision.event.type} has none`)
  watch.lastOutcome = undefined
  begin(watch, decision.event.assessment, decision.state.incidentAttempts, undefined)
  await updateIncident(watch, (incident) => ({ ...incident, attempts: decision.state.incidentAttempts }))
  await tell(watch, decision, 'recovery-started')
}

/** Runs the plan of an assessment, or goes on with a journal, until an event of its own ends it. Never throws. */
export function begin(watch: Watch, assessment: Assessment, attempt: number, resumeFrom: Journal | undefined): void {
  const concluded = carryOut(watch, assessment, attempt, resumeFrom).then((outcome) => conclude(watch, outcome))
  goOn(watch, concluded)
}

/** Makes `work` the recovery under way. A bug in it must not end the watch: it is told, and the attempt has failed. */
export function goOn(watch: Watch, work: Promise<void>): void {
  watch.recovery = work.catch((error: unknown) => concludeBug(watch, error)).catch((error: unknown) => tellBug(watch, error))
}

async function carryOut(watch: Watch, assessment: Assessment, attempt: number, resumeFrom: Journal | undefined): Promise<PipelineOutcome> {
  const { plan } = assessment
  if (plan === undefined) throw new Error('a recovery needs a plan')
  return runPipeline(
    {
      steps: STEPS,
      plan,
      attempt,
      ground: groundFor(watch, assessment),
      store: watch.journal,
      clock: watch.outside.clock,
      ...(resumeFrom === undefined ? {} : { resumeFrom }),
      onStep: (name, status, detail) => reportStep(watch, name, status, detail),
    },
    watch.abort,
  )
}

async function concludeBug(watch: Watch, error: unknown): Promise<void> {
  tellBug(watch, error)
  await finish(watch, { type: 'recovery-failed' })
}

function tellBug(watch: Watch, error: unknown): void {
  const { name } = watch.cluster
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  watch.outside.log.write({
    level: 'err',
    event: 'bug',
    message: `${name}: a recovery failed by a bug in pgwatchd: ${text}`,
    cluster: name,
  })
}

/** What the steps work with; also for `recover --plan`. */
export function groundFor(watch: Watch, assessment: Assessment): StepGround {
  const { clock, random } = watch.outside
  const incidentId = watch.state.incidentId ?? incidentIdFor(watch.cluster.name, assessment.cause ?? 'unclear', clock.wallMs(), random)
  return {
    cluster: watch.cluster,
    assessment,
    damages: watch.factsMemory.proved,
    ...(watch.probeMemory.flushedLsn === undefined ? {} : { flushedLsn: watch.probeMemory.flushedLsn }),
    settings: watch.settings.recovery,
    outside: watch.outside,
    sessions: surveyOf(watch),
    space: watch.space,
    incidentDirectory: watch.incidents.directoryOf(incidentId),
    incidentId,
    stateDirectory: watch.settings.stateDirectory,
    vault: createVault(watch),
    report: (sentence) => void reportProgress(watch, sentence),
    hurried: watch.stopping,
  }
}

function reportStep(watch: Watch, name: string, status: string, detail: string): void {
  watch.step = status === 'began' ? name : ''
  watch.changed()
  const level = status === 'failed' || status === 'not-undone' ? 'err' : status === 'skipped' ? 'info' : 'notice'
  const message = `${watch.cluster.name}: step ${name} ${status}${detail === '' ? '' : `: ${detail}`}`
  watch.outside.log.write({
    level,
    event: `step-${status}`,
    message,
    cluster: watch.cluster.name,
    incident: watch.state.incidentId ?? '',
    fields: { step: name },
  })
  if (status !== 'began' && status !== 'skipped') void note(watch, `${name} ${status}${detail === '' ? '' : `: ${detail}`}`)
}

async function reportProgress(watch: Watch, sentence: string): Promise<void> {
  watch.sentence = sentence
  watch.outside.log.write({
    level: 'notice',
    event: 'recovery-progress',
    message: `${watch.cluster.name}: ${sentence}`,
    cluster: watch.cluster.name,
    incident: watch.state.incidentId ?? '',
  })
  await note(watch, sentence)
}

async function conclude(watch: Watch, outcome: PipelineOutcome): Promise<void> {
  watch.step = ''
  watch.changed()
  watch.lastOutcome = outcome
  watch.holds = outcome.keepsHold === true
  if (outcome.status === 'suspended') return
  if (outcome.status === 'succeeded') await forgetEvidence(watch)
  await finish(watch, eventOf(outcome.status, outcome.cannotBeStopped))
}

/** What the log said until the success was its cause, or the repair's own reading of damaged pages. */
async function forgetEvidence(watch: Watch): Promise<void> {
  await followLog(watch)
  watch.indicators = NO_INDICATORS
}

/** The event that the end of an attempt amounts to. */
export function eventOf(status: 'succeeded' | 'failed' | 'held', cannotBeStopped: boolean): Event {
  if (cannotBeStopped) return { type: 'recovery-impossible' }
  return { type: `recovery-${status}` }
}

/** Ends the recovery under way with its event. */
export async function finish(watch: Watch, event: Event): Promise<void> {
  try {
    await watch.apply(event)
  } finally {
    watch.recovery = undefined
    watch.alarm.ring()
  }
}
