import { PROBE_NAMES } from '../core/reading.ts'
import type { ProbeName, Reading, Readings } from '../core/reading.ts'
import { PROBES } from './index.ts'
import { closeApplicationSession } from './memory.ts'
import type { Look, Probe } from './probe.ts'
import { fail, inMs, noGround, unknown } from './readings.ts'

/** A probe's own wait ends first and says what was waited for; the deadline here is for the one that has no such wait. */
const GRACE_MS = 100

/** A throw is a bug of the probe: it is told to the log, and says nothing about the server. */
function reportBug({ outside, cluster }: Look, probe: Probe, error: unknown): Reading {
  const what = error instanceof Error ? error.message : String(error)
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const message = `the probe ${probe.name} failed by a bug in pgwatchd: ${what}`
  outside.log.write({ level: 'err', event: 'probe-bug', message, cluster: cluster.name, fields: { probe: probe.name, stack } })
  return unknown(probe.name, { reason: 'no-ground', detail: message })
}

async function lookOnce(look: Look, probe: Probe, signal: AbortSignal | undefined): Promise<Reading> {
  if (signal?.aborted === true) return noGround(probe.name, 'the look was given up')
  const timeoutMs = look.settings.timeoutMs[probe.name]
  try {
    const timed = await look.outside.clock.withDeadline(timeoutMs + GRACE_MS, signal, (ownSignal) => probe.look(look, ownSignal))
    if (!timed.timedOut) return timed.value
    return fail(probe.name, { reason: 'timeout', detail: `no answer within ${inMs(timeoutMs)}`, tookMs: timeoutMs })
  } catch (error) {
    return reportBug(look, probe, error)
  }
}

/**
 * One look by every probe, one after another, each within its own timeout. Never rejects. The look's own session is
 * closed at the end; the held one stays. `look.before` is replaced by the readings of this look.
 */
export async function runProbes(look: Look, signal?: AbortSignal): Promise<Readings> {
  const readings = new Map<ProbeName, Reading>()
  for (const probe of PROBES) {
    const before = Object.fromEntries(readings) as Look['before']
    readings.set(probe.name, await lookOnce({ ...look, before }, probe, signal))
  }
  await closeApplicationSession(look.memory)
  return Object.fromEntries(PROBE_NAMES.map((name) => [name, readings.get(name)])) as unknown as Readings
}
