import { assess } from '../../src/core/assess.ts'
import type { Assessment } from '../../src/core/cause.ts'
import type { Facts } from '../../src/core/facts.ts'
import { NO_INDICATORS } from '../../src/core/postgres/log-indicators.ts'
import type { Readings } from '../../src/core/reading.ts'
import { createFactsMemory, examine } from '../../src/probes/facts/examine.ts'
import { closeProbeMemory, createProbeMemory } from '../../src/probes/memory.ts'
import type { Look, ProbeMemory, ProbeSettings } from '../../src/probes/probe.ts'
import { runProbes } from '../../src/probes/run-probes.ts'
import { createSessionSurvey } from '../../src/probes/sessions/survey.ts'
import type { SessionSurvey } from '../../src/probes/sessions/survey.ts'
import type { RecoverySettings } from '../../src/recovery/step.ts'
import { createOutside } from '../recovery/real-ground.ts'
import { SETTINGS as RECOVERY_SETTINGS } from '../recovery/settings.ts'
import type { TestCluster } from './cluster.ts'
import { SETTINGS } from './look.ts'

export interface Assessed {
  readonly readings: Readings
  readonly facts: Facts
  readonly assessment: Assessment
}

/** What pgwatchd makes of a real cluster: the real probes, facts and diagnoses, one look at a time. */
export interface Assessor {
  readonly memory: ProbeMemory
  readonly survey: SessionSurvey
  assess(): Promise<Assessed>
}

interface Teardown {
  teardown(handler: () => Promise<void>): unknown
}

export function makeAssessor(
  t: Teardown,
  made: TestCluster,
  settings: Partial<ProbeSettings> = {},
  recovery: Pick<RecoverySettings, 'sessions' | 'blockers'> = RECOVERY_SETTINGS,
): Assessor {
  const { cluster } = made
  const outside = createOutside(made, `${made.directory}/run`)
  const [memory, factsMemory] = [createProbeMemory(() => undefined), createFactsMemory()]
  t.teardown(() => closeProbeMemory(memory))
  const survey = createSessionSurvey({
    cluster,
    outside,
    login: { user: 'app', database: 'app' },
    held: () => memory.heldSession,
    settings: () => recovery,
  })
  const look: Look = { cluster, settings: { ...SETTINGS, ...settings }, outside, urgent: true, before: {}, memory }
  return {
    memory,
    survey,
    async assess() {
      const readings = await runProbes(look)
      const facts = await examine({
        cluster,
        outside,
        memory: factsMemory,
        log: NO_INDICATORS,
        sessions: { readings, survey, policies: recovery },
        settings: { stallTimeoutMs: 60_000, logAgeMs: 86_400_000, stateDirectory: `${made.directory}/state` },
      })
      return { readings, facts, assessment: assess(readings, facts) }
    },
  }
}
