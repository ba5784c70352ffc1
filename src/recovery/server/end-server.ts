import type { StepContext, StepResult } from '../step.ts'
import { awaitShutdown } from './await-shutdown.ts'
import type { RunningServer } from './processes.ts'
import { describeProcess, findServer } from './processes.ts'
import { lookOnceByLogin } from './standing.ts'
import { isEnded, isReplaced, stopWays, tryWay } from './stop-ways.ts'

/**
 * Ends the processes of a server that hangs, or what outlived its postmaster, harder at each try. Before each harder way it
 * looks again: a server that answers by then is not stopped, and one that shuts down is waited for. A server that somebody
 * started meanwhile is never touched.
 */
export async function endServer(context: StepContext, server: RunningServer, signal: AbortSignal): Promise<StepResult> {
  await context.outside.service.hold()
  const tried: string[] = []
  for (const way of stopWays(context, server)) {
    if (signal.aborted) break
    if (isReplaced(context, server)) return { ok: true, did: ['another server was started meanwhile'] }
    if (!way.helps(findServer(context))) continue
    context.report(`trying ${way.name}`)
    tried.push(way.name)
    await tryWay(context, way, server, signal)
    if (isEnded(context, server)) return { ok: true, did: [`stopped the server by ${way.name}`] }
    const changed = await lookAgain(context, server, signal)
    if (changed !== undefined) return changed
  }
  return cannotStop(context, tried)
}

/** Only a postmaster can have come to itself. */
async function lookAgain(context: StepContext, server: RunningServer, signal: AbortSignal): Promise<StepResult | undefined> {
  if (server.postmaster === undefined || signal.aborted) return undefined
  const standing = await lookOnceByLogin(context, signal)
  if (standing.status === 'serving' || standing.status === 'starting')
    return { ok: true, did: [`the server answers again: ${standing.why}`] }
  if (standing.status === 'stopping') return awaitShutdown(context, signal)
  if (standing.status === 'unclear')
    return { ok: false, why: `the server came to itself and is not stopped harder: ${standing.why}`, held: true, did: [] }
  return standing.status === 'in-kernel' ? leaveInKernel(context, standing.why) : undefined
}

/** No harder way reaches it; what was killed already is told as what cannot be stopped. */
function leaveInKernel(context: StepContext, why: string): StepResult | undefined {
  if (findServer(context).processes.some(({ killPending }) => killPending)) return undefined
  return { ok: false, why: `the server waits in the kernel and is not stopped harder: ${why}`, held: true, did: [] }
}

function cannotStop(context: StepContext, tried: readonly string[]): StepResult {
  const left = findServer(context).processes.map(describeProcess)
  const survivors = left.slice(0, 5).join(', ')
  const why = `the server cannot be stopped: ${survivors} survived SIGKILL; its storage or its cgroup hangs, so nothing is started beside it`
  return { ok: false, why, held: true, did: [`tried to end the server by ${tried.join(', then ')}`], cannotBeStopped: true }
}
