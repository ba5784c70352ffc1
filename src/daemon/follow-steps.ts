import type { Watch } from './watch.ts'

/** A step that takes a moment is not missed, and how long the server was away is known to within this. */
const POLL_MS = 20

/** The names of the steps of the recovery under way as they begin, until it ends or nobody listens any more. */
export async function* followSteps(watch: Watch, signal: AbortSignal): AsyncIterable<string> {
  let told = ''
  while (watch.recovery !== undefined && !signal.aborted) {
    if (watch.step !== '' && watch.step !== told) yield (told = watch.step)
    await Promise.race([watch.recovery, watch.outside.clock.sleep(POLL_MS, signal)])
  }
}
