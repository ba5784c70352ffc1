import { OutsideError } from '../../../ports/outside-error.ts'
import { isSame, namePostmaster } from '../../server/standing.ts'
import type { StepContext } from '../../step.ts'
import type { Remedy } from '../remedy.ts'
import type { DamagedRelation } from '../../damage/damaged-relation.ts'
import { nameOf } from '../../damage/damaged-relation.ts'

const LOOK_EVERY_MS = 1_000

/**
 * The same remedy, within the time that a statement may take, so that nobody waits for it without end. Its run rejects with
 * `OutsideError` as soon as the server's postmaster is not the one from the beginning: it has to be recovered first.
 */
export function withinLimits(remedy: Remedy<DamagedRelation>): Remedy<DamagedRelation> {
  return {
    ...remedy,
    async run(context, subject, signal) {
      const ended = await runWithinLimits(context, signal, (inner) => remedy.run(context, subject, inner))
      if (ended !== undefined) return ended
      const limit = Math.round(context.settings.repair.statementTimeoutMs / 1000)
      return { ended: 'left-to-person', why: `${nameOf(subject)} was not mended by ${remedy.name} within ${limit} s`, did: [] }
    },
  }
}

/** `undefined` when the time was over before `work` was. */
async function runWithinLimits<T>(
  context: StepContext,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const [ended, gone] = [new AbortController(), new AbortController()]
  const watching = watchServer(context, gone, ended.signal)
  const timeoutMs = context.settings.repair.statementTimeoutMs
  try {
    const timed = await context.outside.clock.withDeadline(timeoutMs, AbortSignal.any([signal, gone.signal]), work)
    gone.signal.throwIfAborted()
    return timed.timedOut ? undefined : timed.value
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
