import { OutsideError } from '../../ports/outside-error.ts'
import { awaitServing } from '../server/await-serving.ts'
import { acceptsLogin } from '../server/login.ts'
import { pollUntil } from '../server/poll.ts'
import { describeProcess, findServer, nothingRuns } from '../server/processes.ts'
import { reasonToWait } from '../server/reason-to-wait.ts'
import { logEnd } from '../server/server-log.ts'
import { stopWays, tryWay } from '../server/stop-ways.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'

const THAW_TIMEOUT_MS = 2_000

/** Stops what is left of the server, harder at each try, and proves by the process table that nothing of it lives. */
export const stopPostgres: Step = {
  name: 'stop-postgres',
  purpose: 'ensure that no process of the server is left, or that a suspended one serves again',
  changes: 'lets a suspended server go on; otherwise ends its processes by a smart, fast or immediate shutdown, then SIGKILL',
  precondition,
  run,
  undo,
}

async function precondition(context: StepContext, signal: AbortSignal): Promise<Check> {
  if (context.recall('start-postgres') !== undefined) return { go: 'skip', because: 'the server was already started in this attempt' }
  const server = findServer(context)
  if (server.processes.length === 0) return { go: 'skip', because: 'no process of the server runs' }
  if (server.postmaster === undefined) return { go: 'run', because: `${server.processes.length} processes outlived their postmaster` }
  const reason = await reasonToWait(context, signal)
  if (reason !== undefined) return { go: 'stop', because: `not stopped, because ${reason}`, held: true }
  return { go: 'run', because: `the server runs as ${describeProcess(server.postmaster)}` }
}

async function run(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  await context.note({ hadPostmaster: findServer(context).postmaster !== undefined })
  if (await thaw(context, signal))
    return { ok: true, did: ['let the suspended server go on (SIGCONT); it serves again and was not stopped'] }
  await context.outside.service.hold()
  for (const way of stopWays(context)) {
    if (signal.aborted) break
    if (!way.helps(findServer(context))) continue
    context.report(`trying ${way.name}`)
    if (await tryWay(context, way, signal)) return { ok: true, did: [`stopped the server by ${way.name}`] }
  }
  return cannotStop(context)
}

/** A server stopped by SIGSTOP needs no restart: going on keeps every session. */
async function thaw(context: StepContext, signal: AbortSignal): Promise<boolean> {
  const { processes, clock } = context.outside
  const suspended = findServer(context).processes.filter((process) => process.state === 'T')
  if (suspended.length === 0) return false
  for (const process of suspended) processes.signal(process, 'SIGCONT')
  await pollUntil(
    clock,
    { timeoutMs: THAW_TIMEOUT_MS, intervalMs: 20 },
    signal,
    () => findServer(context).processes.every((process) => process.state !== 'T'),
  )
  return acceptsLogin(context, signal)
}

function cannotStop(context: StepContext): StepResult {
  const left = findServer(context).processes.map(describeProcess)
  const survivors = left.slice(0, 5).join(', ')
  const why = `the server cannot be stopped: ${survivors} survived SIGKILL; its storage or its cgroup hangs, so nothing is started beside it`
  return { ok: false, why, held: true, did: [], cannotBeStopped: true }
}

/** Brings back a server that this attempt stopped and did not get to starting. */
async function undo(context: StepContext, signal: AbortSignal): Promise<readonly string[]> {
  await context.outside.service.release()
  const hadPostmaster = context.recall('stop-postgres')?.['hadPostmaster'] === true
  const wasStarted = context.recall('start-postgres') !== undefined
  if (!hadPostmaster || wasStarted || !nothingRuns(context)) return []
  const logOffset = await logEnd(context)
  const outcome = await context.outside.service.start(context.settings.start.requestTimeoutMs, signal)
  const serving = await awaitServing(context, logOffset, signal)
  if (serving.status === 'serving') return ['started the server again']
  const reason = 'why' in serving ? serving.why : outcome.detail
  const hint = 'it was running before and has to be started by hand'
  throw new OutsideError({ operation: 'start', object: context.cluster.name, code: serving.status, reason, hint })
}
