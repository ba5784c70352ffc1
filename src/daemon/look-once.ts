import { assess, needsFacts } from '../core/assess.ts'
import type { Assessment } from '../core/cause.ts'
import type { Config } from '../config/config.ts'
import { resolveClusters, type ResolvedCluster } from '../config/resolve.ts'
import { NO_INDICATORS } from '../core/postgres/log-indicators.ts'
import type { Readings } from '../core/reading.ts'
import { waitsForLock } from '../core/sessions/lock-wait.ts'
import { createFactsMemory, examine } from '../probes/facts/examine.ts'
import { closeProbeMemory, createProbeMemory } from '../probes/memory.ts'
import { createSessionSurvey } from '../probes/sessions/survey.ts'
import { findHindrances } from '../recovery/hindrances/index.ts'
import { runProbes } from '../probes/run-probes.ts'
import type { Cluster } from '../core/cluster.ts'
import type { HealthReport } from '../core/health.ts'
import { composeBus, composeOutside } from './compose-cluster.ts'
import { composeHost, type Environment } from './compose.ts'
import { examineHealth } from './health.ts'
import { settingsOf } from './settings.ts'

export interface LookOnceRequest {
  readonly config: Config
  readonly environment: Environment
  /** Only this one; all by default. */
  readonly cluster?: string
}

export interface Looked {
  readonly name: string
  readonly readings: Readings
  readonly assessment: Assessment
}

/** One look at each cluster without a daemon: for `probe` where none runs. Changes nothing but the ring of the write probe. */
export function lookOnce(request: LookOnceRequest): Promise<readonly Looked[]> {
  return lookAtEach(request, (_, looked) => Promise.resolve(looked))
}

/** The health of each cluster, where no daemon runs. */
export function lookAtHealth(request: LookOnceRequest): Promise<readonly HealthReport[]> {
  const signal = new AbortController().signal
  return lookAtEach(request, ({ cluster, outside }, looked) =>
    examineHealth({ cluster, outside, backup: request.config.backup, looked }, signal),
  )
}

interface Place {
  readonly cluster: Cluster
  readonly outside: ReturnType<typeof composeOutside>
}

async function lookAtEach<T>(
  { config, environment, cluster }: LookOnceRequest,
  then: (place: Place, looked: Looked) => Promise<T>,
): Promise<readonly T[]> {
  const parts = composeHost(environment, { format: 'auto', level: 'crit' })
  const bus = composeBus(parts)
  try {
    const { clusters } = await resolveClusters(config, parts.host.files)
    const chosen = clusters.filter((resolved) => cluster === undefined || resolved.cluster.name === cluster)
    return await Promise.all(
      chosen.map((resolved) =>
        lookAt(resolved, config, composeOutside(parts, bus, resolved.cluster, resolved.config, config.runtimeDirectory), then),
      ),
    )
  } finally {
    await bus.close()
  }
}

async function lookAt<T>(
  { cluster, config: own }: ResolvedCluster,
  config: Config,
  outside: ReturnType<typeof composeOutside>,
  then: (place: Place, looked: Looked) => Promise<T>,
): Promise<T> {
  const memory = createProbeMemory(() => undefined)
  const { probes, recovery, stateDirectory } = settingsOf(config)
  const look = (): ReturnType<typeof findHindrances> => findHindrances({ cluster, outside, incidentDirectory: undefined })
  try {
    const readings = await runProbes({ cluster, settings: probes, outside, urgent: true, before: {}, memory })
    const settings = {
      stallTimeoutMs: recovery.start.stallTimeoutMs,
      logAgeMs: recovery.disk.logAgeMs,
      stateDirectory,
    }
    const survey = createSessionSurvey({
      cluster,
      outside,
      login: own.application,
      held: () => memory.heldSession,
      settings: () => recovery,
    })
    const sessions = { readings, survey, policies: recovery }
    const facts = needsFacts(readings, { damage: false, locks: waitsForLock(readings, recovery.blockers) })
      ? await examine({ cluster, outside, memory: createFactsMemory(), log: NO_INDICATORS, sessions, settings, findHindrances: look })
      : undefined
    return await then({ cluster, outside }, { name: cluster.name, readings, assessment: assess(readings, facts) })
  } finally {
    await closeProbeMemory(memory)
    await outside.service.close()
  }
}
