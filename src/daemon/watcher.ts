import type { ClusterConfig } from '../config/config.ts'
import type { Cluster } from '../core/cluster.ts'
import type { Outside } from '../ports/outside.ts'
import { createFactsMemory } from '../probes/facts/examine.ts'
import { followServerLog } from '../probes/facts/current-log-file.ts'
import { closeProbeMemory, createProbeMemory } from '../probes/memory.ts'
import { createJournalStore } from '../recovery/journal-store.ts'
import type { Alerting } from './alerting.ts'
import { statePaths } from './compose.ts'
import { createWatch } from './create-watch.ts'
import type { IncidentStore } from './incident-store.ts'
import type { WatchSettings } from './settings.ts'
import { createSlotFile } from './slot-file.ts'
import { createStateFile } from './state-file.ts'
import type { Watch } from './watch.ts'
import { watchCluster } from './watch-loop.ts'

const STATE_SLOT_BYTES = 16 * 1024
/** The journal carries what steps note for their undo. */
const JOURNAL_SLOT_BYTES = 256 * 1024

/** What all watches of one daemon share. */
export interface Common {
  readonly host: string
  readonly incidents: IncidentStore
  readonly alerting: Alerting
  readonly abort: AbortSignal
  stopping(): boolean
}

/** A watch that runs. */
export interface Watcher {
  readonly watch: Watch
  readonly config: ClusterConfig
  /** Ends after the tick and the recovery under way. */
  stop(): Promise<void>
}

export async function startWatcher(
  common: Common,
  outside: Outside,
  cluster: Cluster,
  config: ClusterConfig,
  settings: WatchSettings,
): Promise<Watcher> {
  const paths = statePaths(settings.stateDirectory)
  const { files } = outside
  const stop = new AbortController()
  const onDamaged = (): void => tellDamagedState(outside, cluster)
  const watch = await createWatch(
    {
      ...common,
      stopping: () => stop.signal.aborted || common.stopping(),
      cluster,
      outside,
      stateFile: createStateFile(
        createSlotFile({ files, path: paths.state(cluster.name), slotBytes: STATE_SLOT_BYTES, onDamaged }),
        onDamaged,
      ),
      journal: createJournalStore(createSlotFile({ files, path: paths.journal(cluster.name), slotBytes: JOURNAL_SLOT_BYTES })),
      serverLog: followServerLog(cluster, files),
      probeMemory: createProbeMemory(() => undefined),
      factsMemory: createFactsMemory(),
      login: config.application === undefined ? undefined : { user: config.application.user, database: config.application.database },
    },
    settings,
  )
  const ended = watchCluster(watch, stop.signal).catch((error: unknown) => tellEnd(watch, error))
  return {
    watch,
    config,
    async stop() {
      stop.abort()
      await ended
      await closeProbeMemory(watch.probeMemory)
      await outside.service.close()
    },
  }
}

/** A watch that a bug has ended looks no more: the watchdog sees that and has the daemon started anew. */
function tellEnd(watch: Watch, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const message = `${watch.cluster.name}: the watch has ended by a bug in pgwatchd: ${text}`
  watch.outside.log.write({ level: 'crit', event: 'bug', message, cluster: watch.cluster.name })
}

/** A pause and counters that are lost are no small thing: a person has to know. */
function tellDamagedState({ log }: Outside, { name }: Cluster): void {
  const message = `${name}: the saved state cannot be believed and is begun anew: a pause and the count of attempts are forgotten`
  log.write({ level: 'err', event: 'state-damaged', message, cluster: name })
}
