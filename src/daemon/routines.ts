import type { Config } from '../config/config.ts'
import type { HostParts } from './compose.ts'
import type { Fleet } from './fleet.ts'
import type { IncidentStore } from './incident-store.ts'
import { statusLine } from './status-line.ts'
import type { Telegraph } from './telegraph.ts'
import type { Watch } from './watch.ts'

const STATUS_INTERVAL_MS = 2_000
const PRUNE_INTERVAL_MS = 86_400_000
/** A tick is bounded by its probes' deadlines; one that is later than this hangs, and systemd shall know. */
const TICK_OVERDUE_MS = 120_000

export interface RoutineParts {
  readonly parts: HostParts
  readonly fleet: Fleet
  readonly telegraph: Telegraph
  readonly incidents: IncidentStore
  config(): Config
}

/** What goes on beside the watches: watchdog, status line, heartbeat, pruning. The result ends it. */
export function startRoutines(given: RoutineParts): () => void {
  const { notifier } = given.parts
  const ends = [
    repeat(given, () => STATUS_INTERVAL_MS, tellStatus(given)),
    repeat(given, () => given.config().log.heartbeatMs, () => heartbeat(given)),
    repeat(given, () => PRUNE_INTERVAL_MS, () => void given.incidents.prune(given.config().incidents)),
  ]
  if (notifier.aliveIntervalMs !== undefined) ends.push(repeat(given, () => notifier.aliveIntervalMs ?? 0, () => feedWatchdog(given)))
  return () => ends.forEach(end => end())
}

/** A chain of timers: one is armed when the one before has been served. */
function repeat({ parts }: RoutineParts, intervalMs: () => number, work: () => void): () => void {
  let cancel = (): void => undefined
  const arm = (): void => {
    cancel = parts.host.clock.after(intervalMs(), () => {
      work()
      arm()
    })
  }
  arm()
  return () => cancel()
}

function tellStatus({ parts, fleet }: RoutineParts): () => void {
  let told = ''
  return () => {
    const line = statusLine(fleet.watches())
    if (line !== told) parts.notifier.status(line)
    told = line
  }
}

function heartbeat({ parts, fleet, telegraph }: RoutineParts): void {
  const { waiting } = telegraph.outbox.status()
  const mail = waiting === 0 ? '' : `; ${waiting} mails wait to be sent`
  parts.host.log.write({ level: 'info', event: 'heartbeat', message: `${statusLine(fleet.watches())}${mail}` })
}

function feedWatchdog({ parts, fleet }: RoutineParts): void {
  if (!fleet.watches().some(watch => isOverdue(watch))) parts.notifier.alive()
}

function isOverdue(watch: Watch): boolean {
  if (watch.recovery !== undefined) return false
  return watch.outside.clock.monotonicMs() - watch.lastTickMonotonicMs > watch.settings.intervalMs + TICK_OVERDUE_MS
}
