import type { Alert, Severity } from '../core/alert.ts'
import { elapsedMs, type Instant } from '../core/instant.ts'
import { NOTHING_HELD_BACK, repeatOf, withNewest, withoutKey, type AlertMemory, type Burst, type HeldBack } from './alert-memory.ts'
import { isAtLeast, KINDS } from './kinds.ts'

export interface AlertSettings {
  /** Repeats of one alert are held back for this long after the last one that was sent. */
  readonly repeatIntervalMs: number
  readonly minimumSeverity: Severity
}

export interface Consideration {
  readonly memory: AlertMemory
  readonly send: boolean
  /** With `send`: what was held back before this one. Without: what is held back by now, this one included. */
  readonly heldBack: HeldBack
  /** Held back by the cap against flapping, and never told before: the journal is its only place. */
  readonly untold: boolean
}

const MAXIMUM_REPEATS = 200
const MAXIMUM_THREADS = 100
const MAXIMUM_BURSTS = 50

/** A trouble that comes and goes all night is told this often per interval; other troubles of the cluster are not held back for it. */
const MAXIMUM_BURST = 12

/**
 * Decides whether an alert is sent now. What a recovery does is always told. Of other alerts the first is sent, repeats
 * within the interval are counted, and the count goes out with the next one. Below the minimum severity nothing is sent,
 * except the end of an incident of which a mail went out.
 */
export function considerAlert(memory: AlertMemory, alert: Alert, now: Instant, settings: AlertSettings): Consideration {
  if (!isWanted(memory, alert, settings)) return { memory, send: false, heldBack: NOTHING_HELD_BACK, untold: false }
  const key = repeatOf(alert)
  const before = memory.repeats[key]
  if (!isHeldBack(memory, alert, now, settings)) {
    return {
      memory: rememberSent(memory, alert, now, settings),
      send: true,
      heldBack: before?.heldBack ?? NOTHING_HELD_BACK,
      untold: false,
    }
  }
  const heldBack = { count: (before?.heldBack.count ?? 0) + 1, sinceWallMs: before?.heldBack.sinceWallMs || alert.wallMs }
  const sentAt = before?.sentAt ?? memory.bursts[burstOf(alert)]?.since ?? now
  const repeats = withNewest(memory.repeats, key, { sentAt, heldBack }, MAXIMUM_REPEATS)
  return { memory: { ...memory, repeats }, send: false, heldBack, untold: before === undefined }
}

function isWanted(memory: AlertMemory, alert: Alert, settings: AlertSettings): boolean {
  return alert.kind === 'test' || endsToldIncident(memory, alert) || isAtLeast(alert.severity, settings.minimumSeverity)
}

function endsToldIncident(memory: AlertMemory, alert: Alert): boolean {
  return KINDS[alert.kind].endsIncident && memory.threads[alert.incidentId] !== undefined
}

function isHeldBack(memory: AlertMemory, alert: Alert, now: Instant, settings: AlertSettings): boolean {
  if (!KINDS[alert.kind].mayBeHeldBack || endsToldIncident(memory, alert)) return false
  const before = memory.repeats[repeatOf(alert)]
  if (before !== undefined && elapsedMs(before.sentAt, now) < settings.repeatIntervalMs) return true
  return alert.severity !== 'CRITICAL' && burstAt(memory, alert, now, settings).sent >= MAXIMUM_BURST
}

/** The same trouble, whichever incident it opens. */
function burstOf({ cluster, kind, repeatKey }: Alert): string {
  return `${cluster} ${kind} ${repeatKey}`
}

function burstAt(memory: AlertMemory, alert: Alert, now: Instant, settings: AlertSettings): Burst {
  const burst = memory.bursts[burstOf(alert)]
  return burst !== undefined && elapsedMs(burst.since, now) < settings.repeatIntervalMs ? burst : { since: now, sent: 0 }
}

function rememberSent(memory: AlertMemory, alert: Alert, now: Instant, settings: AlertSettings): AlertMemory {
  const repeats = withNewest(memory.repeats, repeatOf(alert), { sentAt: now, heldBack: NOTHING_HELD_BACK }, MAXIMUM_REPEATS)
  return {
    version: 1,
    repeats: alert.kind === 'warning-cleared' ? withoutKey(repeats, repeatOf({ ...alert, kind: 'warning', severity: 'WARNING' })) : repeats,
    bursts: KINDS[alert.kind].mayBeHeldBack ? countBurst(memory, alert, now, settings) : memory.bursts,
    threads: alert.incidentId === '' ? memory.threads : countMail(memory, alert.incidentId),
  }
}

function countBurst(memory: AlertMemory, alert: Alert, now: Instant, settings: AlertSettings): AlertMemory['bursts'] {
  const burst = burstAt(memory, alert, now, settings)
  return withNewest(memory.bursts, burstOf(alert), { ...burst, sent: burst.sent + 1 }, MAXIMUM_BURSTS)
}

function countMail(memory: AlertMemory, incidentId: string): AlertMemory['threads'] {
  return withNewest(memory.threads, incidentId, (memory.threads[incidentId] ?? 0) + 1, MAXIMUM_THREADS)
}
