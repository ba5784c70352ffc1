import { NO_INDICATORS } from '../core/postgres/log-indicators.ts'
import { createState } from '../core/state.ts'
import { createAlarm } from './alarm.ts'
import { apply } from './apply.ts'
import { instantOf } from './instant-of.ts'
import type { WatchSettings } from './settings.ts'
import type { Watch, WatchParts } from './watch.ts'

/** A watch with the state that an earlier run left, or a fresh one. */
export async function createWatch(parts: WatchParts, settings: WatchSettings): Promise<Watch> {
  const saved = await parts.stateFile.load()
  const state = saved ?? createState(instantOf(parts.outside.clock))
  const watch: Watch = {
    ...parts,
    settings,
    state,
    stateSaved: true,
    readings: undefined,
    assessment: undefined,
    sentence: 'not looked at yet',
    lastTickWallMs: undefined,
    lastTickMonotonicMs: parts.outside.clock.monotonicMs(),
    healthySinceWallMs: undefined,
    indicators: NO_INDICATORS,
    incident: state.incidentId === null ? undefined : await parts.incidents.read(state.incidentId),
    warnings: new Map(),
    lastOutcome: undefined,
    recovery: undefined,
    step: '',
    ballastSaid: '',
    applying: Promise.resolve(),
    looking: Promise.resolve(),
    incidentWrites: Promise.resolve(),
    alarm: createAlarm(parts.outside.clock),
    apply: (event) => apply(watch, event),
  }
  return watch
}
