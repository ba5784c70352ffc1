import type { HostParts } from './compose.ts'
import type { Fleet } from './fleet.ts'
import { tendBallast } from './ballast.ts'
import { sampleSizesIfDue } from './space-holders.ts'
import type { Watch } from './watch.ts'

/** Each time wakes a process that has nothing else to do. */
const SPACE_INTERVAL_MS = 20_000
/** A tick is bounded by its probes' deadlines; one that is later than this hangs, and systemd shall know. */
const TICK_OVERDUE_MS = 120_000

/** What is done again and again, whatever the watches do: the ballast, and the word to the watchdog. The result ends it. */
export function startRoutines(parts: HostParts, fleet: Fleet): () => void {
  const { notifier } = parts
  const ends = [repeat(parts, SPACE_INTERVAL_MS, tendSpace(fleet))]
  if (notifier.aliveIntervalMs !== undefined) ends.push(repeat(parts, notifier.aliveIntervalMs, () => feedWatchdog(parts, fleet)))
  return () => ends.forEach((end) => end())
}

/** A chain of timers: one is armed when the one before has been served. */
function repeat({ host }: HostParts, intervalMs: number, work: () => void): () => void {
  let cancel = (): void => undefined
  const arm = (): void => {
    cancel = host.clock.after(intervalMs, () => {
      work()
      arm()
    })
  }
  arm()
  return () => cancel()
}

/** One round at a time: laying a large ballast takes longer than the interval. */
function tendSpace(fleet: Fleet): () => void {
  let tending = false
  return () => {
    if (tending) return
    tending = true
    void Promise.all(fleet.watches().map(tendSpaceOf)).finally(() => (tending = false))
  }
}

async function tendSpaceOf(watch: Watch): Promise<void> {
  await tendBallast(watch)
  await sampleSizesIfDue(watch)
}

function feedWatchdog({ notifier }: HostParts, fleet: Fleet): void {
  if (!fleet.watches().some(isOverdue)) notifier.alive()
}

function isOverdue(watch: Watch): boolean {
  if (watch.recovery !== undefined) return false
  return watch.outside.clock.monotonicMs() - watch.lastTickMonotonicMs > watch.settings.intervalMs + TICK_OVERDUE_MS
}
