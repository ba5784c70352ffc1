import type { ClusterReport, ControlAnswer, ControlRequest, StatusReport } from './control-protocol.ts'
import { STEPS } from '../recovery/index.ts'
import { planPipeline } from '../recovery/plan-pipeline.ts'
import { apply } from './apply.ts'
import { groundFor } from './recover.ts'
import { reportOf } from './report.ts'
import { look } from './tick.ts'
import type { Watch } from './watch.ts'

/** What the control socket may ask of the daemon. */
export interface Daemon {
  readonly watches: () => readonly Watch[]
  readonly statusBase: () => Omit<StatusReport, 'clusters' | 'stateSaved'>
  /** Applies the configuration file; the answer is one sentence. */
  readonly reload: () => Promise<{ readonly ok: boolean; readonly text: string }>
  /** Sends a test alert through the same way as any other and waits for its delivery. */
  readonly testAlert: (signal: AbortSignal) => Promise<{ readonly ok: boolean; readonly text: string; readonly hint: string }>
}

/** Answers one request. */
export async function* answer(daemon: Daemon, request: ControlRequest, signal: AbortSignal): AsyncIterable<ControlAnswer> {
  switch (request.command) {
    case 'status':
      yield { type: 'status', status: statusOf(daemon) }
      yield done('')
      return
    case 'test-alert':
      yield outcome(await daemon.testAlert(signal))
      return
    case 'reload':
      yield outcome({ ...(await daemon.reload()), hint: 'run pgwatchd check-config' })
      return
    case 'probe':
      yield* probe(select(daemon, request.cluster, 'all'))
      return
    default:
      yield* act(daemon, request, signal)
  }
}

export function statusOf(daemon: Daemon): StatusReport {
  const watches = daemon.watches()
  const clusters: readonly ClusterReport[] = watches.map(reportOf)
  return { ...daemon.statusBase(), clusters, stateSaved: watches.every(watch => watch.stateSaved) }
}

type Selection = { readonly ok: true; readonly watches: readonly Watch[] } | { readonly ok: false; readonly answer: ControlAnswer }

function select(daemon: Daemon, name: string | undefined, many: 'all' | 'one'): Selection {
  const watches = daemon.watches()
  const chosen = name === undefined ? watches : watches.filter(watch => watch.cluster.name === name)
  const names = watches.map(watch => watch.cluster.name).join(', ') || 'none'
  if (chosen.length === 0) return { ok: false, answer: refusal('unknown-cluster', `there is no cluster ${name ?? ''}`, `watched are: ${names}`) }
  if (many === 'one' && chosen.length > 1) return { ok: false, answer: refusal('unknown-cluster', 'several clusters are watched', `say which with --cluster: ${names}`) }
  return { ok: true, watches: chosen }
}

async function* probe(selection: Selection): AsyncIterable<ControlAnswer> {
  if (!selection.ok) return yield selection.answer
  const clusters = []
  for (const watch of selection.watches) {
    const seen = watch.recovery === undefined || watch.readings === undefined || watch.assessment === undefined ? await look(watch) : { readings: watch.readings, assessment: watch.assessment }
    clusters.push({ name: watch.cluster.name, ...seen })
  }
  yield { type: 'probe', clusters }
  yield done('')
}

type ActRequest = Extract<ControlRequest, { command: 'recover' | 'pause' | 'resume' }>

async function* act(daemon: Daemon, request: ActRequest, signal: AbortSignal): AsyncIterable<ControlAnswer> {
  const selection = select(daemon, request.cluster, 'one')
  if (!selection.ok) return yield selection.answer
  const [watch] = selection.watches
  if (watch === undefined) return
  if (request.command === 'pause') yield await pause(watch, request)
  else if (request.command === 'resume') yield await resume(watch)
  else if (request.planOnly) yield* plan(watch, signal)
  else yield* recover(watch, signal)
}

async function pause(watch: Watch, request: Extract<ControlRequest, { command: 'pause' }>): Promise<ControlAnswer> {
  const { why, state } = await apply(watch, { type: 'operator-paused', forMs: request.forMs ?? null, by: request.by })
  if (!watch.stateSaved) return refusal('failed', 'the pause could not be saved, so it would not survive a restart of pgwatchd', 'see journalctl -u pgwatchd -p err')
  watch.alarm.ring()
  return done(`${watch.cluster.name}: ${state.mode === 'paused' ? 'paused' : why}`)
}

async function resume(watch: Watch): Promise<ControlAnswer> {
  const { why } = await apply(watch, { type: 'operator-resumed' })
  watch.alarm.ring()
  return done(`${watch.cluster.name}: ${why}`)
}

async function* plan(watch: Watch, signal: AbortSignal): AsyncIterable<ControlAnswer> {
  const { assessment } = await look(watch)
  const steps = await planPipeline(STEPS, assessment.plan ?? 'restart', groundFor(watch, assessment), signal)
  yield { type: 'plan', cluster: watch.cluster.name, verdict: assessment.verdict, steps }
  yield done('')
}

async function* recover(watch: Watch, signal: AbortSignal): AsyncIterable<ControlAnswer> {
  if (watch.recovery !== undefined) return yield refusal('busy', `${watch.cluster.name}: a recovery is under way (${watch.step})`, 'follow it with journalctl -fu pgwatchd')
  if (watch.state.mode === 'paused') return yield refusal('refused', `${watch.cluster.name} is paused`, 'run pgwatchd resume first')
  const { assessment } = await look(watch)
  if (assessment.plan === undefined && assessment.response !== 'grace') {
    return yield refusal('refused', `${watch.cluster.name}: ${assessment.verdict}`, 'nothing that pgwatchd may do would help; see pgwatchd status')
  }
  yield { type: 'progress', text: assessment.verdict }
  await apply(watch, { type: 'recovery-requested', assessment: { ...assessment, plan: assessment.plan ?? 'restart' } })
  yield* followRecovery(watch, signal)
}

async function* followRecovery(watch: Watch, signal: AbortSignal): AsyncIterable<ControlAnswer> {
  let told = ''
  while (watch.recovery !== undefined && !signal.aborted) {
    if (watch.step !== '' && watch.step !== told) yield { type: 'progress', text: `step ${(told = watch.step)}` }
    await Promise.race([watch.recovery, watch.outside.clock.sleep(100, signal)])
  }
  const result = watch.lastOutcome
  if (result?.status === 'succeeded') yield done(`${watch.cluster.name}: serving again. ${result.done.join('; ')}`)
  else yield refusal('failed', `${watch.cluster.name}: ${result?.why ?? 'the recovery did not begin'}`, 'see pgwatchd incidents')
}

function outcome(result: { readonly ok: boolean; readonly text: string; readonly hint: string }): ControlAnswer {
  return result.ok ? done(result.text) : refusal('failed', result.text, result.hint)
}

function done(text: string): ControlAnswer {
  return { type: 'done', ok: true, text }
}

function refusal(code: string, text: string, hint: string): ControlAnswer {
  return { type: 'done', ok: false, code, text, hint }
}
