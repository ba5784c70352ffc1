import { titleOf } from '../../../core/postgres/process-title.ts'
import type { ProcessStatus } from '../../../ports/processes.ts'
import { recordChange } from '../../changes/change-log.ts'
import { tryToLogIn } from '../../server/login.ts'
import { findServer } from '../../server/processes.ts'
import { findStopped, thaw } from '../../server/thaw.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Remedy, RemedyResult } from '../remedy.ts'

const MOST_NAMES = 20

/** The first thing tried for a server that hangs: it keeps every session. */
export const continueStoppedProcesses: Remedy = {
  name: 'continue-stopped-processes',
  purpose: 'let processes of the server go on that a signal has stopped (SIGSTOP)',
  changes: 'sends SIGCONT to each of them, and nothing else',
  keeps: 'nothing has to be kept: no session and no memory is touched',
  undo: 'not possible: whoever wants them stopped has to stop them again',
  proof: 'none of them is stopped any more, and the server answers a fresh login',
  cost: 'nothing',
  precondition,
  run,
}

async function precondition(context: StepContext): Promise<Check> {
  const stopped = findStopped(context)
  if (stopped.length === 0) return { go: 'skip', because: 'no process of the server is stopped by a signal' }
  return { go: 'run', because: `stopped by a signal: ${describe(context, stopped).join(', ')}` }
}

async function run(context: StepContext, _: undefined, signal: AbortSignal): Promise<RemedyResult<undefined>> {
  const before = describe(context, findStopped(context))
  await recordChange(context, 'continue-stopped-processes', { kind: 'processes-continued', processes: before })
  await thaw(context, signal)
  const did = [`sent SIGCONT to what was stopped: ${before.join(', ')}`]
  const left = describe(context, findStopped(context))
  if (left.length > 0) return { ended: 'not-mended', why: `stopped again at once: ${left.join(', ')}`, did }
  const { answer, said } = await tryToLogIn(context, signal)
  if (answer === 'up' || answer === 'not-yet') return { ended: 'mended', did }
  return { ended: 'not-mended', why: `nothing is stopped any more, but the server does not answer: ${said}`, did }
}

/** "checkpointer (pid 812)" */
function describe(context: StepContext, processes: readonly ProcessStatus[]): readonly string[] {
  const leader = findServer(context).postmaster?.pid
  return processes
    .slice(0, MOST_NAMES)
    .map(({ pid, commandLine }) => `${pid === leader ? 'postmaster' : titleOf(commandLine)} (pid ${pid})`)
}
