import type { Assessment } from '../core/cause.ts'
import type { Cluster } from '../core/cluster.ts'
import type { Decision } from '../core/decide.ts'
import type { SpaceHolder } from '../core/disk/holder.ts'
import type { Event } from '../core/event.ts'
import type { LogIndicators } from '../core/facts.ts'
import type { Incident } from '../core/incident.ts'
import type { Readings } from '../core/reading.ts'
import type { State } from '../core/state.ts'
import type { BackupLogin } from '../jobs/backup/backup.ts'
import type { Outside } from '../ports/outside.ts'
import type { FactsMemory } from '../probes/facts/examine.ts'
import type { SpaceSurvey } from '../probes/space/survey.ts'
import type { ServerLog } from '../probes/facts/server-log.ts'
import type { ProbeMemory } from '../probes/probe.ts'
import type { JournalStore, PipelineOutcome } from '../recovery/pipeline.ts'
import type { RecoverySettings } from '../recovery/step.ts'
import type { Alarm } from './alarm.ts'
import type { Integrity } from './integrity.ts'
import type { Alerting } from './alerting.ts'
import type { DecisionRecord } from './decision-record.ts'
import type { ConfigurationMemory } from './configuration-memory.ts'
import type { IncidentStore } from './incident-store.ts'
import type { WatchSettings } from './settings.ts'
import type { UseLog } from './use-log.ts'
import type { Foretold } from './foretold.ts'
import type { StateFile } from './state-file.ts'

/** What the watch over one cluster works with; made once, by the composition root. */
export interface WatchParts {
  readonly cluster: Cluster
  readonly host: string
  readonly outside: Outside
  readonly stateFile: StateFile
  readonly journal: JournalStore
  readonly incidents: IncidentStore
  readonly alerting: Alerting
  readonly serverLog: ServerLog
  readonly probeMemory: ProbeMemory
  readonly factsMemory: FactsMemory
  readonly useLog: UseLog
  /** How programs that know no session of ours log in. */
  readonly superuser: BackupLogin
  readonly login: { readonly user: string; readonly database: string } | undefined
  /** Aborts when the daemon must be gone at once. */
  readonly abort: AbortSignal
  /** True once the daemon was asked to stop. */
  stopping(): boolean
  /** Called when how the watch stands may have changed. */
  changed(): void
}

/** The watch over one cluster: its parts, its persisted state, and what the last tick saw. */
export interface Watch extends WatchParts {
  readonly space: SpaceSurvey
  settings: WatchSettings
  state: State
  /** False while the state on disk is older than the one in memory: then only harmless actions remain. */
  stateSaved: boolean
  readings: Readings | undefined
  assessment: Assessment | undefined
  /** The last decision of this run that changed something. */
  decided: DecisionRecord | undefined
  /** The last tick in one sentence. */
  sentence: string
  lastTickWallMs: number | undefined
  lastTickMonotonicMs: number
  healthySinceWallMs: number | undefined
  /** What the server's log said since the last healthy tick. */
  indicators: LogIndicators
  incident: Incident | undefined
  /** Warnings that people were told of, by key. */
  warnings: ReadonlyMap<string, string>
  /** What the last attempt of this incident came to. */
  lastOutcome: PipelineOutcome | undefined
  /** The recovery under way. */
  recovery: Promise<void> | undefined
  /** The server's configuration as last seen and tried. */
  configuration: ConfigurationMemory
  /** Whether the service is held back from being started though no recovery is under way; `undefined`: as an earlier run left it. */
  holds: boolean | undefined
  /** Its step; empty otherwise. */
  step: string
  /** Who holds the space, as last looked up, for which trouble. */
  holders: { readonly of: string; readonly atMonotonicMs: number; readonly holders: readonly SpaceHolder[] } | undefined
  foretold: Foretold
  readonly integrity: Integrity
  /** When the sizes of the databases were last looked at. */
  sizesAtMonotonicMs: number | undefined
  /** What was last said of each ballast, by path. */
  readonly ballastSaid: Map<string, string>
  /** How a round left every ballast as it is wanted: allocated bytes by path; `undefined` when the next must look for its places. */
  ballastLeft:
    | {
        readonly monotonicMs: number
        readonly wanted: RecoverySettings['disk']
        readonly bytes: ReadonlyMap<string, number | undefined>
      }
    | undefined
  /** Settles when every event so far has been applied; events are applied one after the other. */
  applying: Promise<void>
  /** Settles when the look under way has ended; looks share the probes' memory. */
  looking: Promise<void>
  /** Settles when the incident's file is as the incident in memory. */
  incidentWrites: Promise<void>
  /** One event through the brain: decide, write the state, act. One event after the other. */
  apply(event: Event): Promise<Decision>
  /** Ends the sleep between two ticks. */
  readonly alarm: Alarm
}
