import type { StepContext, StepResult } from '../step.ts'
import { nothingRuns } from './processes.ts'
import { readPidFileStatus, sampleStartup } from './startup.ts'

const LOOK_EVERY_MS = 50

/**
 * Waits for a shutdown that somebody asked for, for as long as it moves: a shutdown checkpoint may take minutes, and ending it
 * harder would only make the next start longer. A shutdown that waits for sessions to end does not move, and is left alone.
 */
export async function awaitShutdown(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  const { clock } = context.outside
  let [movedMs, seen] = [clock.monotonicMs(), '']
  while (!signal.aborted) {
    if (nothingRuns(context)) return { ok: true, did: ['waited for the shutdown that was under way'] }
    if ((await readPidFileStatus(context)) !== 'stopping') return { ok: true, did: [] }
    if (context.hurried()) return { ok: false, suspend: true, why: 'the server is shutting down', held: false, did: [] }
    const { fingerprint } = await sampleStartup(context)
    if (fingerprint !== seen) [movedMs, seen] = [clock.monotonicMs(), fingerprint]
    if (clock.monotonicMs() - movedMs >= context.settings.stop.fastTimeoutMs) return waitsForSessions()
    await clock.sleep(LOOK_EVERY_MS, signal)
  }
  return { ok: false, why: 'the wait was broken off', held: false, did: [] }
}

function waitsForSessions(): StepResult {
  const why = 'the server is shutting down and does not move: it waits for its sessions to end, or for its archiver or a standby'
  return { ok: false, why: `${why}; it is not stopped harder`, held: true, did: [] }
}
