import type { ServiceOutcome, StopMode } from '../../ports/service-manager.ts'
import type { StepContext } from '../step.ts'
import { pollUntil } from './poll.ts'
import type { RunningServer } from './processes.ts'
import { findServer, nothingRuns } from './processes.ts'

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

/** The ladder, gentlest first; a way with no time is left out. */
export function stopWays(context: StepContext): readonly StopWay[] {
  const { smartTimeoutMs, fastTimeoutMs, immediateTimeoutMs, killTimeoutMs } = context.settings.stop
  const ways: readonly StopWay[] = [
    shutdown('smart', smartTimeoutMs),
    shutdown('fast', fastTimeoutMs),
    shutdown('immediate', immediateTimeoutMs),
    {
      name: 'SIGTERM to the processes that outlived their postmaster',
      timeoutMs: TERMINATE_TIMEOUT_MS,
      helps: isOrphaned,
      ask: terminateOrphans,
    },
    { name: 'SIGKILL to the whole service', timeoutMs: killTimeoutMs, helps: () => true, ask: killAll },
  ]
  return ways.filter((way) => way.timeoutMs > 0)
}

/** Asks in one way and waits for the processes to be gone and for the service manager to have settled; true when nothing runs. */
export async function tryWay(context: StepContext, way: StopWay, signal: AbortSignal): Promise<boolean> {
  const { clock } = context.outside
  await clock.withDeadline(way.timeoutMs + 1_000, signal, async (inner) => {
    const asked = way.ask(context, inner)
    const gone = await pollUntil(clock, { timeoutMs: way.timeoutMs, intervalMs: LOOK_EVERY_MS }, inner, () => nothingRuns(context))
    if (gone) await asked
    else asked.catch(() => undefined)
  })
  return nothingRuns(context)
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

async function terminateOrphans(context: StepContext): Promise<ServiceOutcome> {
  for (const process of findServer(context).processes) context.outside.processes.signal(process, 'SIGTERM')
  return { ok: true, detail: 'sent SIGTERM', timedOut: false }
}

/** The control group through its manager; then whatever of the cluster lives outside of it. */
async function killAll(context: StepContext, signal: AbortSignal): Promise<ServiceOutcome> {
  const outcome = await context.outside.service.killAll(context.settings.stop.killTimeoutMs, signal)
  for (const process of findServer(context).processes) context.outside.processes.signal(process, 'SIGKILL')
  return outcome
}
