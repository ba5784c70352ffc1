import { elapsedMs } from '../core/instant.ts'
import { seemsUrgent } from '../core/postgres/log-indicators.ts'
import { followLog } from './follow-log.ts'
import { settleHold } from './hold.ts'
import { instantOf } from './instant-of.ts'
import { makeUp } from './make-up.ts'
import { tick } from './tick.ts'
import type { Watch } from './watch.ts'

/** Trouble that is older than this is looked at in the calm interval again. */
const EAGER_MS = 300_000
/** Room on a full disk is looked for this often, however long it takes to come: the server shall serve within seconds of it. */
const ROOM_PAUSE_MS = 3_000
/** The server's log is read at most this often between ticks. */
const LOG_PAUSE_MS = 200

/** Watches one cluster until `stop` aborts; ends after the tick and the recovery under way. */
export async function watchCluster(watch: Watch, stop: AbortSignal): Promise<void> {
  await makeUp(watch)
  await watch.apply({ type: 'daemon-started' })
  if (watch.recovery === undefined) await settleHold(watch)
  const release = listen(watch, stop)
  try {
    while (!stop.aborted) {
      await tickSafely(watch)
      await rest(watch, stop)
    }
    await watch.recovery
    await watch.applying
  } finally {
    release()
  }
}

/** A bug in one tick must not end the watch; it is told and the next tick looks again. */
async function tickSafely(watch: Watch): Promise<void> {
  try {
    await tick(watch)
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    watch.outside.log.write({
      level: 'err',
      event: 'bug',
      message: `${watch.cluster.name}: a tick failed by a bug in pgwatchd: ${text}`,
      cluster: watch.cluster.name,
    })
  }
}

/** Sleeps until the next tick is due, or until something wakes the watch; a recovery under way is waited for. */
async function rest(watch: Watch, stop: AbortSignal): Promise<void> {
  await watch.alarm.wait(pauseMs(watch), stop)
  if (watch.recovery !== undefined && !stop.aborted) await watch.recovery
}

/** Short while trouble is fresh, calm otherwise. */
export function pauseMs({ state, settings, outside }: Watch): number {
  if (state.mode === 'suspect') return settings.confirmIntervalMs
  const fresh = elapsedMs(state.modeSince, instantOf(outside.clock)) < EAGER_MS
  if (state.mode === 'waiting' && fresh) return settings.confirmIntervalMs
  return state.mode === 'waiting' && state.cause === 'disk-full' ? Math.min(ROOM_PAUSE_MS, settings.intervalMs) : settings.intervalMs
}

/** Whatever may wake the watch between two ticks. */
function listen(watch: Watch, stop: AbortSignal): () => void {
  watch.probeMemory.onHeldSessionEnd = () => watch.alarm.ring()
  const unit = watch.outside.service.watch(() => watch.alarm.ring())
  const log = watch.outside.files.watch(watch.serverLog.path, readLogSoon(watch, stop))
  return () => {
    unit()
    log()
  }
}

function readLogSoon(watch: Watch, stop: AbortSignal): () => void {
  let waiting = false
  const refusals = { wokeAtMs: Number.NEGATIVE_INFINITY }
  return () => {
    if (waiting || stop.aborted) return
    waiting = true
    watch.outside.clock.after(LOG_PAUSE_MS, () => {
      waiting = false
      void wakeOnTrouble(watch, refusals)
    })
  }
}

async function wakeOnTrouble(watch: Watch, refusals: { wokeAtMs: number }): Promise<void> {
  const said = await followLog(watch)
  if (seemsUrgent(said)) return watch.alarm.ring()
  if (!said.slotsRefused || !isNewsOfRefusal(watch, refusals)) return
  refusals.wokeAtMs = watch.outside.clock.monotonicMs()
  watch.alarm.ring()
}

/**
 * For some clusters refusals are an everyday matter (a role with a small limit): they wake a healthy watch once per interval, and
 * never hurry the confirmation of what is suspected.
 */
function isNewsOfRefusal({ state, settings, outside }: Watch, { wokeAtMs }: { readonly wokeAtMs: number }): boolean {
  return state.mode === 'healthy' && outside.clock.monotonicMs() - wokeAtMs >= settings.intervalMs
}
