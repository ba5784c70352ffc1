import { OutsideError } from '../../ports/outside-error.ts'
import type { StepContext } from '../step.ts'
import { isSame, namePostmaster } from '../server/standing.ts'
import type { Repair } from './repair.ts'
import { leaveToPerson } from './repair.ts'

const LOOK_EVERY_MS = 1_000

/**
 * Repairs one file within the time that a statement may take, so that nobody waits for it without end. Rejects with
 * `OutsideError` as soon as the server's postmaster is not the one from the beginning: it has to be recovered first.
 */
export async function repairWithinLimits(
  context: StepContext,
  what: string,
  signal: AbortSignal,
  repair: (signal: AbortSignal) => Promise<Repair>,
): Promise<Repair> {
  const { clock } = context.outside
  const timeoutMs = context.settings.repair.statementTimeoutMs
  const ended = new AbortController()
  const gone = new AbortController()
  const watching = watchServer(context, gone, ended.signal)
  try {
    const timed = await clock.withDeadline(timeoutMs, AbortSignal.any([signal, gone.signal]), repair)
    gone.signal.throwIfAborted()
    return timed.timedOut ? leaveToPerson(`${what} was not repaired within ${Math.round(timeoutMs / 1000)} s`) : timed.value
  } catch (error) {
    gone.signal.throwIfAborted()
    throw error
  } finally {
    ended.abort()
    await watching
  }
}

async function watchServer(context: StepContext, gone: AbortController, ended: AbortSignal): Promise<void> {
  const before = namePostmaster(context)
  while (!ended.aborted && !gone.signal.aborted) {
    if (before === null || !isSame(namePostmaster(context), before)) gone.abort(serverGone(context))
    else await context.outside.clock.sleep(LOOK_EVERY_MS, ended)
  }
}

function serverGone({ cluster }: StepContext): OutsideError {
  const reason = 'the server went down meanwhile, and has to be recovered first'
  return new OutsideError({ operation: 'repair', object: cluster.name, code: 'gone', reason })
}
