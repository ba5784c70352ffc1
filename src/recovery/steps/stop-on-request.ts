import { OutsideError } from '../../ports/outside-error.ts'
import { awaitServing } from '../server/await-serving.ts'
import { describeProcess, findServer, nothingRuns } from '../server/processes.ts'
import { logEnd } from '../server/server-log.ts'
import { isEnded, stopWays, tryWay } from '../server/stop-ways.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'

/** The one step that stops a server that serves: an operator has asked for a restart or a restore and confirmed it. */
export const stopOnRequest: Step = {
  name: 'stop-on-request',
  purpose: 'ensure that nothing runs on the data directory, and that nobody starts it meanwhile',
  changes: 'holds the service and stops the server by a fast shutdown, harder only when that does not end it; every session ends',
  precondition: async (context): Promise<Check> =>
    nothingRuns(context) && context.recall('stop-on-request') === undefined
      ? { go: 'run', because: 'nothing runs, and the service is held so that nobody starts it' }
      : { go: 'run', because: 'it was asked for and confirmed' },
  run,
  undo,
}

async function run(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  const server = findServer(context)
  await context.note({ ran: server.postmaster !== undefined || context.recall('stop-on-request')?.['ran'] === true })
  await context.outside.service.hold()
  if (isEnded(context, server)) return { ok: true, did: [] }
  for (const way of stopWays(context, server).filter(({ name }) => !name.includes('smart'))) {
    if (signal.aborted) break
    if (!way.helps(findServer(context))) continue
    context.report(`stopping the server by ${way.name}`)
    await tryWay(context, way, server, signal)
    if (isEnded(context, server)) return { ok: true, did: [`stopped the server by ${way.name}`] }
  }
  const left = findServer(context).processes.map(describeProcess).slice(0, 5).join(', ')
  return { ok: false, why: `the server cannot be stopped: ${left}`, held: true, did: [], cannotBeStopped: true }
}

/** What ran before runs again, on the data directory that is back in its place by now. */
async function undo(context: StepContext, signal: AbortSignal): Promise<readonly string[]> {
  await context.outside.service.release()
  if (context.recall('stop-on-request')?.['ran'] !== true || !nothingRuns(context)) return []
  const logOffset = await logEnd(context)
  await context.outside.service.start(context.settings.start.requestTimeoutMs, signal)
  const serving = await awaitServing(context, logOffset, signal)
  if (serving.status === 'serving' || serving.status === 'left') return ['started the server again']
  const reason = 'why' in serving ? serving.why : 'the wait was broken off'
  throw new OutsideError({ operation: 'start', object: context.cluster.name, code: serving.status, reason, hint: 'start it by hand' })
}
