import { OutsideError } from '../../ports/outside-error.ts'
import { awaitServing } from '../server/await-serving.ts'
import { endServer } from '../server/end-server.ts'
import type { RunningServer } from '../server/processes.ts'
import { findServer, nothingRuns } from '../server/processes.ts'
import { reasonToWait } from '../server/reason-to-wait.ts'
import { logEnd } from '../server/server-log.ts'
import { awaitShutdown } from '../server/await-shutdown.ts'
import type { ProcessName, Standing } from '../server/standing.ts'
import { isSame, lookAtServer, lookByLogin } from '../server/standing.ts'
import { thaw } from '../server/thaw.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'

/** Ends what is left of a server that can answer nobody, and proves by the process table that nothing of it lives. */
export const stopPostgres: Step = {
  name: 'stop-postgres',
  purpose:
    'ensure that nothing is left of a dead or hanging server, or that a suspended one goes on; a server that answers is never stopped',
  changes: 'lets a suspended server go on; ends orphans, and a server that hangs, by a smart, fast or immediate shutdown, then SIGKILL',
  precondition,
  run,
  undo,
}

async function precondition(context: StepContext, signal: AbortSignal): Promise<Check> {
  if (findServer(context).processes.length === 0) return { go: 'skip', because: 'no process of the server runs' }
  if (wasStartedSince(context)) return { go: 'skip', because: 'the server was started after this attempt began' }
  const standing = await lookAtServer(context, signal)
  return CHECKS[standing.status](context, standing, signal)
}

/** By somebody else, or by this attempt itself; it is waited for. */
function wasStartedSince(context: StepContext): boolean {
  const { postmaster } = findServer(context)
  const noted = context.recall('capture-evidence')?.['postmaster'] as ProcessName | null | undefined
  return postmaster !== undefined && noted !== undefined && !isSame(postmaster, noted)
}

type Decide = (context: StepContext, standing: Standing, signal: AbortSignal) => Check | Promise<Check>

const CHECKS: Readonly<Record<Standing['status'], Decide>> = {
  absent: () => ({ go: 'skip', because: 'no process of the server runs any more' }),
  serving: (_, standing) => ({ go: 'skip', because: `the server answers: ${explain(standing)}` }),
  starting: (_, standing) => ({ go: 'skip', because: `the server is on its way and is waited for: ${explain(standing)}` }),
  stopping: (_, standing) => ({ go: 'run', because: `a shutdown is under way and is waited for: ${explain(standing)}` }),
  suspended: (_, standing) => ({ go: 'run', because: explain(standing) }),
  orphans: (_, standing) => ({ go: 'run', because: explain(standing) }),
  hanging: async (context, standing, signal) => {
    const reason = await reasonToWait(context, signal)
    return reason === undefined ? { go: 'run', because: explain(standing) } : hold(`not stopped, because ${reason}`)
  },
  'in-kernel': (_, standing) => hold(inKernel(standing)),
  unclear: (_, standing) => hold(notProven(standing)),
}

function explain(standing: Standing): string {
  return 'why' in standing ? standing.why : ''
}

function hold(because: string): Check {
  return { go: 'stop', because, held: true }
}

function notProven(standing: Standing): string {
  return `the server is not stopped, because nothing proves that it hangs: ${explain(standing)}`
}

function inKernel(standing: Standing): string {
  return `the server is not stopped, because it waits in the kernel, where no signal reaches it: ${explain(standing)}`
}

/** Looks again at each turn: what the precondition saw may be over. */
async function run(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  const before = findServer(context)
  await context.note({ ended: false })
  const thawed = (await thaw(context, signal)).length > 0
  const standing = thawed ? await lookByLogin(context, signal) : await lookAtServer(context, signal)
  if (standing.status === 'absent') return { ok: true, did: [] }
  if (standing.status === 'serving' || standing.status === 'starting') return goesOn(thawed, standing)
  if (standing.status === 'stopping') return awaitShutdown(context, signal)
  if (standing.status === 'orphans' || standing.status === 'hanging') return end(context, before, signal)
  const why = standing.status === 'in-kernel' ? inKernel(standing) : notProven(standing)
  return { ok: false, why, held: true, did: thawed ? ['let the suspended server go on (SIGCONT)'] : [] }
}

function goesOn(thawed: boolean, standing: Standing): StepResult {
  if (!thawed) return { ok: true, did: [], notDone: [] }
  const state = standing.status === 'serving' ? 'it serves again and was not stopped' : `and is on its way: ${explain(standing)}`
  return { ok: true, did: [`let the suspended server go on (SIGCONT); ${state}`] }
}

async function end(context: StepContext, server: RunningServer, signal: AbortSignal): Promise<StepResult> {
  if (server.postmaster !== undefined) {
    const reason = await reasonToWait(context, signal)
    if (reason !== undefined) return { ok: false, why: `not stopped, because ${reason}`, held: true, did: [] }
  }
  await context.note({ ended: server.postmaster !== undefined })
  return endServer(context, server, signal)
}

/** Brings back a server that this attempt stopped and did not get to starting, unless a start would lose something. */
async function undo(context: StepContext, signal: AbortSignal): Promise<readonly string[]> {
  await context.outside.service.release()
  const wasEnded = context.recall('stop-postgres')?.['ended'] === true
  const wasStarted = context.recall('start-postgres') !== undefined
  if (!wasEnded || wasStarted || !nothingRuns(context)) return []
  if (context.endedBy === 'check-data-files') throw notStarted(context, 'refused', 'check-data-files found what a start would make worse')
  const logOffset = await logEnd(context)
  const outcome = await context.outside.service.start(context.settings.start.requestTimeoutMs, signal)
  const serving = await awaitServing(context, logOffset, signal)
  if (serving.status === 'serving') return ['started the server again']
  if (serving.status === 'left') return ['started the server again; it is on its way']
  throw notStarted(context, serving.status, 'why' in serving ? serving.why : outcome.detail)
}

function notStarted(context: StepContext, code: string, reason: string): OutsideError {
  const hint = 'it was running before and has to be started by hand'
  return new OutsideError({ operation: 'start', object: context.cluster.name, code, reason, hint })
}
