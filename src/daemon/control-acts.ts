import type { Assessment } from '../core/cause.ts'
import { NO_INDICATORS } from '../core/postgres/log-indicators.ts'
import { STEPS } from '../recovery/index.ts'
import { planPipeline } from '../recovery/plan-pipeline.ts'
import { planRemedies } from '../recovery/plan-remedies.ts'
import { done, refusal } from './control-answers.ts'
import type { ControlAnswer, ControlRequest } from './control-protocol.ts'
import { select } from './control-select.ts'
import { followSteps } from './follow-steps.ts'
import { settleHold } from './hold.ts'
import { groundFor } from './recover.ts'
import { standingObjection } from './standing-objection.ts'
import { look } from './tick.ts'
import type { Watch } from './watch.ts'

type ActRequest = Extract<ControlRequest, { command: 'recover' | 'pause' | 'resume' }>

/** Carries out a request that concerns one cluster. */
export async function* act(watches: readonly Watch[], request: ActRequest, signal: AbortSignal): AsyncIterable<ControlAnswer> {
  const selection = select(watches, request.cluster, 'one')
  if (!selection.ok) {
    yield selection.answer
    return
  }
  const [watch] = selection.watches
  if (watch === undefined) return
  if (request.command === 'pause') yield await pause(watch, request)
  else if (request.command === 'resume') yield await resume(watch)
  else if (request.planOnly) yield* plan(watch, signal)
  else yield* recover(watch, signal)
}

async function pause(watch: Watch, request: Extract<ControlRequest, { command: 'pause' }>): Promise<ControlAnswer> {
  const { why, state } = await watch.apply({ type: 'operator-paused', forMs: request.forMs ?? null, by: request.by })
  if (!watch.stateSaved)
    return refusal('failed', 'the pause could not be saved: a restart of pgwatchd would forget it', 'see journalctl -u pgwatchd -p err')
  if (watch.recovery === undefined) await settleHold(watch)
  watch.alarm.ring()
  return done(`${watch.cluster.name}: ${state.mode === 'paused' ? 'paused' : why}`)
}

async function resume(watch: Watch): Promise<ControlAnswer> {
  watch.indicators = NO_INDICATORS
  const { why } = await watch.apply({ type: 'operator-resumed' })
  watch.alarm.ring()
  return done(`${watch.cluster.name}: ${why}`)
}

async function* plan(watch: Watch, signal: AbortSignal): AsyncIterable<ControlAnswer> {
  const { assessment } = await look(watch)
  const steps = await planPipeline(STEPS, assessment.plan ?? 'restart', groundFor(watch, assessment), signal)
  const remedies = await planRemedies(assessment.plan ?? 'restart', groundFor(watch, assessment), signal)
  yield { type: 'plan', cluster: watch.cluster.name, verdict: assessment.verdict, steps, remedies }
  yield done('')
}

async function* recover(watch: Watch, signal: AbortSignal): AsyncIterable<ControlAnswer> {
  const early = standingObjection(watch)
  if (early !== undefined) {
    yield early
    return
  }
  const { assessment } = await look(watch)
  const objection = standingObjection(watch) ?? objectionTo(watch, assessment)
  if (objection !== undefined) {
    yield objection
    return
  }
  yield { type: 'progress', text: assessment.verdict }
  watch.lastOutcome = undefined
  await watch.apply({ type: 'recovery-requested', assessment: { ...assessment, plan: assessment.plan ?? 'restart' } })
  yield* followRecovery(watch, signal)
}

/** Why what is wrong cannot be recovered; `undefined` when it can. */
function objectionTo({ cluster: { name } }: Watch, assessment: Assessment): ControlAnswer | undefined {
  if (assessment.plan !== undefined || assessment.response === 'grace') return undefined
  return refusal('refused', `${name}: ${assessment.verdict}`, 'nothing that pgwatchd may do would help; see pgwatchd status')
}

async function* followRecovery(watch: Watch, signal: AbortSignal): AsyncIterable<ControlAnswer> {
  for await (const step of followSteps(watch, signal)) yield { type: 'progress', text: `step ${step}` }
  const result = watch.lastOutcome
  if (result?.status === 'succeeded') yield done(`${watch.cluster.name}: serving again. ${result.done.join('; ')}`)
  else yield refusal('failed', `${watch.cluster.name}: ${result?.why ?? 'the recovery did not begin'}`, 'see pgwatchd incidents')
}
