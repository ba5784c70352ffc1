import { isCleanlyShutDown } from '../../core/postgres/control-file.ts'
import { isSingleUser } from '../../core/postgres/leader.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import type { StepContext } from '../step.ts'
import { awaitServing } from './await-serving.ts'
import { readControlFile } from './data-directory.ts'
import { pollUntil } from './poll.ts'
import { findServer, nothingRuns } from './processes.ts'
import { reasonToWait } from './reason-to-wait.ts'
import { logEnd } from './server-log.ts'
import { stopWays, tryWay } from './stop-ways.ts'

const STEP = 'repair-damage'
const TIMES_AT_MOST = 5
const LEFT_OVER_TIMEOUT_MS = 60_000

/** What came of work that needs the server down, or why it was not begun. */
export type WhileDown<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string }

/**
 * Runs `work` between a clean shutdown and a start, with everybody else kept from starting the service. That it is down is on
 * record before it is stopped, so that the next start of a killed pgwatchd brings it back (`bringBack`); and so is how often it
 * was stopped in this attempt. Rejects with `OutsideError` when the server does not come back.
 */
export async function whileDown<T>(context: StepContext, signal: AbortSignal, work: () => Promise<T>): Promise<WhileDown<T>> {
  const refusal = whySpent(context) ?? (await reasonToWait(context, signal))
  if (refusal !== undefined) return { ok: false, why: `the server was not stopped: ${refusal}` }
  await note(context, { down: true, downs: countDowns(context) + 1 })
  try {
    const problem = await stopCleanly(context, signal)
    return problem === undefined ? { ok: true, value: await work() } : { ok: false, why: problem }
  } finally {
    await bringBack(context, signal)
  }
}

/** Whether `whileDown` was begun and not ended in this attempt. */
export function isLeftDown(context: StepContext): boolean {
  return context.recall(STEP)?.['down'] === true
}

/**
 * Lets the server serve again after `whileDown`, however far that came: ends what is left of a single-user server, lets others
 * start the service, starts it, and waits. It is started also when the daemon is to end at once.
 */
export async function bringBack(context: StepContext, signal: AbortSignal): Promise<void> {
  const { service } = context.outside
  const { requestTimeoutMs } = context.settings.start
  await endSingleUser(context)
  const logOffset = await logEnd(context)
  await service.release()
  if (findServer(context).postmaster === undefined) {
    if ((await service.status()).state === 'failed') await service.clearFailure(requestTimeoutMs)
    await service.start(requestTimeoutMs)
  }
  const serving = await awaitServing(context, logOffset, signal)
  if (serving.status === 'exited' || serving.status === 'stalled') throw notBack(context, serving.why)
  await note(context, { down: false })
}

function whySpent(context: StepContext): string | undefined {
  return countDowns(context) < TIMES_AT_MOST ? undefined : `it was stopped for this ${TIMES_AT_MOST} times already`
}

function countDowns(context: StepContext): number {
  const downs = context.recall(STEP)?.['downs']
  return typeof downs === 'number' ? downs : 0
}

async function note(context: StepContext, data: Readonly<Record<string, unknown>>): Promise<void> {
  await context.note({ ...context.recall(STEP), ...data })
}

/** Why it is not down in an orderly way, or `undefined`. Nothing harder than a fast shutdown is tried. */
async function stopCleanly(context: StepContext, signal: AbortSignal): Promise<string | undefined> {
  await context.outside.service.hold()
  const server = findServer(context)
  const fast = stopWays(context, server).find((way) => way.name.includes('fast'))
  if (fast === undefined || (!nothingRuns(context) && !(await tryWay(context, fast, server, signal))))
    return 'a fast shutdown did not end the server'
  if (!nothingRuns(context)) return 'somebody started the server meanwhile'
  const state = (await readControlFile(context))?.state
  return state !== undefined && isCleanlyShutDown(state) ? undefined : `the control file says "${state ?? 'unreadable'}" after the shutdown`
}

/** One of ours ends by itself once nobody writes to it any more; it is waited for, because it may be writing. */
async function endSingleUser(context: StepContext): Promise<void> {
  const { processes, clock } = context.outside
  const left = () => findServer(context).processes.filter(isSingleUser)
  const wait = (timeoutMs: number) =>
    pollUntil(clock, { timeoutMs, intervalMs: 50 }, new AbortController().signal, () => left().length === 0)
  if (await wait(LEFT_OVER_TIMEOUT_MS)) return
  for (const process of left()) processes.signal(process, 'SIGKILL')
  await wait(context.settings.stop.killTimeoutMs)
}

function notBack({ cluster }: StepContext, reason: string): OutsideError {
  return new OutsideError({ operation: 'start', object: cluster.name, code: 'not-back', reason, hint: 'start it by hand' })
}
