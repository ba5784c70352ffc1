import { OutsideError } from '../../ports/outside-error.ts'
import type { Serving } from '../server/await-serving.ts'
import { awaitServing } from '../server/await-serving.ts'
import { findServer, nothingRuns } from '../server/processes.ts'
import { logEnd } from '../server/server-log.ts'
import { reasonToWait } from '../server/reason-to-wait.ts'
import type { ProcessName } from '../server/standing.ts'
import { isSame } from '../server/standing.ts'
import { stopWays, tryWay } from '../server/stop-ways.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'

/** Restarts the server where a repair could not be proved past its buffers: they can hide that a page is still damaged. */
export const restartClean: Step = {
  name: 'restart-clean',
  purpose: 'ensure that no buffer hides damage that is still on disk',
  changes: 'restarts the server by a fast shutdown, which ends all sessions; skipped where the repair was proved by reading the disk',
  precondition,
  run,
  undo,
}

async function precondition(context: StepContext, signal: AbortSignal): Promise<Check> {
  const repair = context.recall('repair-damage')
  if (repair === undefined) return { go: 'skip', because: 'nothing was repaired' }
  if (repair['proven'] === true) return { go: 'skip', because: 'the repair was proved by reading the disk' }
  if (wasRestartedSince(context)) return { go: 'skip', because: 'the server was restarted after the repair' }
  if (context.hurried()) return { go: 'skip', because: 'pgwatchd is to end, and the server serves' }
  const reason = await reasonToWait(context, signal)
  if (reason !== undefined) return { go: 'skip', because: `not restarted, because ${reason}` }
  return { go: 'run', because: 'the repair could not be proved past the buffers' }
}

function wasRestartedSince(context: StepContext): boolean {
  const { postmaster } = findServer(context)
  const repaired = context.recall('repair-damage')?.['postmaster'] as ProcessName | null | undefined
  return postmaster !== undefined && repaired !== undefined && !isSame(postmaster, repaired)
}

async function run(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  const server = findServer(context)
  const fast = stopWays(context, server).find((way) => way.name.includes('fast'))
  if (fast === undefined || !(await tryWay(context, fast, server, signal)))
    return { ok: true, did: [], notDone: ['the server was not restarted: a fast shutdown did not end it'] }
  const serving = await startAgain(context, signal)
  if (serving.status === 'serving') return { ok: true, did: ['restarted the server, so that its buffers hide nothing'] }
  if (serving.status === 'left') return { ok: false, suspend: true, why: 'the server is on its way', held: false, did: [] }
  return { ok: false, why: `after the restart: ${'why' in serving ? serving.why : 'the wait was broken off'}`, held: false, did: [] }
}

async function startAgain(context: StepContext, signal: AbortSignal): Promise<Serving> {
  const logOffset = await logEnd(context)
  await context.outside.service.start(context.settings.start.requestTimeoutMs, signal)
  return awaitServing(context, logOffset, signal)
}

/** A restart is not taken back, but it must not end half done. */
async function undo(context: StepContext, signal: AbortSignal): Promise<readonly string[]> {
  if (!nothingRuns(context)) return []
  const serving = await startAgain(context, signal)
  if (serving.status === 'serving' || serving.status === 'left') return ['started the server again']
  const reason = 'why' in serving ? serving.why : 'the wait was broken off'
  throw new OutsideError({ operation: 'start', object: context.cluster.name, code: serving.status, reason, hint: 'start it by hand' })
}
