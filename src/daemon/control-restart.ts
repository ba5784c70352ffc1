import type { Assessment } from '../core/cause.ts'
import { ask, describeFailure } from '../server/ask.ts'
import type { BackupDesk } from './backup-desk.ts'
import { done, refusal } from './control-answers.ts'
import type { ControlAnswer } from './control-protocol.ts'
import type { Selection } from './control-select.ts'
import { followSteps } from './follow-steps.ts'
import { lookBeforeRestart, type PreflightCheck } from './preflight.ts'
import { standingObjection } from './standing-objection.ts'
import type { Watch } from './watch.ts'

const CHECKPOINT_TIMEOUT_MS = 600_000
const CHECKPOINT_HINT = 'a server that cannot write a checkpoint could not be stopped cleanly: see its log'

/** Restarts a server that serves, once nothing speaks against it; journalled like a recovery, so that no death of pgwatchd leaves it down. */
export async function* restart(
  selection: Selection,
  desk: BackupDesk,
  planOnly: boolean,
  signal: AbortSignal,
): AsyncIterable<ControlAnswer> {
  if (!selection.ok) {
    yield selection.answer
    return
  }
  const [watch] = selection.watches
  const early = watch === undefined || planOnly ? undefined : standingObjection(watch)
  if (early !== undefined) yield early
  else if (watch !== undefined) yield* lookAndRestart(watch, desk, planOnly, signal)
}

async function* lookAndRestart(watch: Watch, desk: BackupDesk, planOnly: boolean, signal: AbortSignal): AsyncIterable<ControlAnswer> {
  const checks = await lookBeforeRestart(watch, desk, signal)
  yield { type: 'preflight', cluster: watch.cluster.name, checks }
  const answer = planOnly ? done('') : (standingObjection(watch) ?? objectionOf(watch, checks))
  if (answer !== undefined) {
    yield answer
    return
  }
  yield { type: 'progress', text: 'writing a checkpoint, so that the stop is short' }
  const written = await ask(watch.outside, { text: 'checkpoint', timeoutMs: CHECKPOINT_TIMEOUT_MS, purpose: 'health' }, signal)
  if (written.ok) yield* carryOut(watch, signal)
  else yield refusal('refused', `${watch.cluster.name} is not restarted: ${describeFailure(written.failure)}`, CHECKPOINT_HINT)
}

function objectionOf({ cluster: { name } }: Watch, checks: readonly PreflightCheck[]): ControlAnswer | undefined {
  const against = checks.filter(({ verdict }) => verdict === 'stop').map((check) => `${check.name}: ${check.detail}`)
  if (against.length === 0) return undefined
  return refusal('refused', `${name} is not restarted: ${against.join('; ')}`, 'mend that first; pgwatchd restart --plan looks again')
}

async function* carryOut(watch: Watch, signal: AbortSignal): AsyncIterable<ControlAnswer> {
  const { clock } = watch.outside
  watch.lastOutcome = undefined
  await watch.apply({ type: 'recovery-requested', assessment: REQUESTED })
  const beganMs: Record<string, number> = {}
  for await (const step of followSteps(watch, signal)) {
    beganMs[step] = clock.monotonicMs()
    yield { type: 'progress', text: `step ${step}` }
  }
  const nowMs = clock.monotonicMs()
  yield resultOf(watch, (beganMs['verify'] ?? nowMs) - (beganMs['stop-on-request'] ?? nowMs))
}

function resultOf({ cluster: { name }, lastOutcome }: Watch, outageMs: number): ControlAnswer {
  if (lastOutcome?.status !== 'succeeded')
    return refusal('failed', `${name}: ${lastOutcome?.why ?? 'the restart did not begin'}`, 'see pgwatchd incidents last')
  return done(`${name}: restarted and serving; it was away for ${(outageMs / 1000).toFixed(1)} s`)
}

const REQUESTED: Assessment = {
  cause: 'restart-requested',
  response: 'recover',
  plan: 'restart-on-request',
  strength: 'proven',
  verdict: 'an operator asked for a restart',
  evidence: [],
  ruledOut: [],
  warnings: [],
  attemptsAtMost: undefined,
}
