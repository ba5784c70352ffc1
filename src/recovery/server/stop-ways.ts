import type { ProcessStatus } from '../../ports/processes.ts'
import type { ServiceOutcome, StopMode } from '../../ports/service-manager.ts'
import type { StepContext } from '../step.ts'
import { pollUntil } from './poll.ts'
import type { RunningServer } from './processes.ts'
import { findServer } from './processes.ts'
import { isSame } from './standing.ts'

/** One way of stopping, harder than the one before. */
export interface StopWay {
  /** "a fast shutdown", for people. */
  readonly name: string
  readonly timeoutMs: number
  /** Whether it can help: a shutdown asks the postmaster, which orphans do not have. */
  helps(server: RunningServer): boolean
  ask(context: StepContext, signal: AbortSignal): Promise<ServiceOutcome>
}

const LOOK_EVERY_MS = 20
const TERMINATE_TIMEOUT_MS = 2_000

/** The ladder for one server, gentlest first; a way with no time is left out. */
export function stopWays(context: StepContext, target: RunningServer): readonly StopWay[] {
  const { smartTimeoutMs, fastTimeoutMs, immediateTimeoutMs, killTimeoutMs } = context.settings.stop
  const ways: readonly StopWay[] = [
    shutdown('smart', smartTimeoutMs),
    shutdown('fast', fastTimeoutMs),
    shutdown('immediate', immediateTimeoutMs),
    {
      name: 'SIGTERM to the processes that outlived their postmaster',
      timeoutMs: TERMINATE_TIMEOUT_MS,
      helps: isOrphaned,
      ask: async (asked) => terminateOrphans(asked, target),
    },
    {
      name: 'SIGKILL to the whole service',
      timeoutMs: killTimeoutMs,
      helps: () => true,
      ask: (asked, signal) => killAll(asked, target, signal),
    },
  ]
  return ways.filter((way) => way.timeoutMs > 0)
}

/** Asks in one way and waits for the target's processes to be gone and for the service manager to have settled; true when they are. */
export async function tryWay(context: StepContext, way: StopWay, target: RunningServer, signal: AbortSignal): Promise<boolean> {
  const { clock } = context.outside
  await clock.withDeadline(way.timeoutMs + 1_000, signal, async (inner) => {
    const asked = way.ask(context, inner)
    const gone = await pollUntil(clock, { timeoutMs: way.timeoutMs, intervalMs: LOOK_EVERY_MS }, inner, () => isEnded(context, target))
    if (gone) await asked
    else asked.catch(() => undefined)
  })
  return isEnded(context, target)
}

/** Whether nothing of the target lives; a server that somebody started since is another one. */
export function isEnded(context: StepContext, target: RunningServer): boolean {
  return remaining(context, target).length === 0
}

/** Whether a postmaster runs that is not the target's. */
export function isReplaced(context: StepContext, target: RunningServer): boolean {
  const { postmaster } = findServer(context)
  return postmaster !== undefined && !isSame(postmaster, target.postmaster)
}

/** What lives of the target: while its own postmaster lives, or none, every process; beside another one only those seen before. */
function remaining(context: StepContext, target: RunningServer): readonly ProcessStatus[] {
  const { processes } = findServer(context)
  if (!isReplaced(context, target)) return processes
  return processes.filter((process) => target.processes.some((each) => isSame(each, process)))
}

function shutdown(mode: StopMode, timeoutMs: number): StopWay {
  return {
    name: `${mode === 'immediate' ? 'an' : 'a'} ${mode} shutdown`,
    timeoutMs,
    helps: (server) => server.postmaster !== undefined,
    ask: (context, signal) => context.outside.service.stop(mode, timeoutMs, signal),
  }
}

/** Under a living postmaster it is the postmaster that must be asked. */
function isOrphaned(server: RunningServer): boolean {
  return server.postmaster === undefined
}

function terminateOrphans(context: StepContext, target: RunningServer): ServiceOutcome {
  for (const process of remaining(context, target)) context.outside.processes.signal(process, 'SIGTERM')
  return { ok: true, detail: 'sent SIGTERM', timedOut: false }
}

/** The control group through its manager, unless another server is in it; then whatever of the target lives outside of it. */
async function killAll(context: StepContext, target: RunningServer, signal: AbortSignal): Promise<ServiceOutcome> {
  const asked = isReplaced(context, target) ? undefined : await context.outside.service.killAll(context.settings.stop.killTimeoutMs, signal)
  for (const process of remaining(context, target)) context.outside.processes.signal(process, 'SIGKILL')
  return asked ?? { ok: true, detail: 'sent SIGKILL to what was left', timedOut: false }
}
