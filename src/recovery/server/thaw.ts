import type { ProcessStatus } from '../../ports/processes.ts'
import type { StepContext } from '../step.ts'
import { pollUntil } from './poll.ts'
import { findServer } from './processes.ts'

const THAW_TIMEOUT_MS = 2_000

/** The cluster's processes that are stopped by a signal (SIGSTOP); one that a debugger holds is not among them. */
export function findStopped(context: StepContext): readonly ProcessStatus[] {
  return findServer(context).processes.filter((process) => process.state === 'T')
}

/** Lets them go on, which costs nobody a session, and waits for it. Returns those that were stopped. */
export async function thaw(context: StepContext, signal: AbortSignal): Promise<readonly ProcessStatus[]> {
  const { processes, clock } = context.outside
  const stopped = findStopped(context)
  for (const process of stopped) processes.signal(process, 'SIGCONT')
  await pollUntil(clock, { timeoutMs: THAW_TIMEOUT_MS, intervalMs: 20 }, signal, () => findStopped(context).length === 0)
  return stopped
}
