import { NO_INDICATORS } from '../core/postgres/log-indicators.ts'
import { createState, type State } from '../core/state.ts'
import { OutsideError } from '../ports/outside-error.ts'
import { createSpaceSurvey } from '../probes/space/survey.ts'
import { NOTHING_FORETOLD } from './foretold.ts'
import { createIntegrity } from './integrity.ts'
import { createAlarm } from './alarm.ts'
import { apply } from './apply.ts'
import { NOT_SEEN } from './configuration-memory.ts'
import { instantOf } from './instant-of.ts'
import type { WatchSettings } from './settings.ts'
import type { Watch, WatchParts } from './watch.ts'

/** A watch with the state that an earlier run left, or a fresh one. */
export async function createWatch(parts: WatchParts, settings: WatchSettings): Promise<Watch> {
  const state = (await loadState(parts)) ?? createState(instantOf(parts.outside.clock))
  await parts.useLog.load()
  const watch: Watch = {
    ...parts,
    space: createSpaceSurvey(parts.cluster, parts.outside, () => watch.settings.recovery.disk),
    settings,
    state,
    stateSaved: true,
    readings: undefined,
    assessment: undefined,
    decided: undefined,
    sentence: 'not looked at yet',
    lastTickWallMs: undefined,
    lastTickMonotonicMs: parts.outside.clock.monotonicMs(),
    healthySinceWallMs: undefined,
    indicators: NO_INDICATORS,
    incident: state.incidentId === null ? undefined : await parts.incidents.read(state.incidentId),
    warnings: new Map(),
    lastOutcome: undefined,
    recovery: undefined,
    configuration: NOT_SEEN,
    holds: undefined,
    step: '',
    ballastSaid: new Map(),
    ballastLeft: undefined,
    holders: undefined,
    foretold: NOTHING_FORETOLD,
    integrity: createIntegrity(),
    sizesAtMonotonicMs: undefined,
    applying: Promise.resolve(),
    looking: Promise.resolve(),
    incidentWrites: Promise.resolve(),
    alarm: createAlarm(parts.outside.clock),
    apply: (event) => apply(watch, event),
  }
  return watch
}

/** A state that cannot be read is told; nothing is done on its ground, because one that cannot be read cannot be saved either. */
async function loadState({ stateFile, outside, cluster }: WatchParts): Promise<State | undefined> {
  try {
    return await stateFile.load()
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    const message = `${cluster.name}: what was known before the restart is lost: ${error.message}`
    outside.log.write({ level: 'err', event: 'state-not-read', message, cluster: cluster.name })
    return undefined
  }
}
