import type { ClusterConfig, SecretSource } from '../config/config.ts'
import type { Cluster } from '../core/cluster.ts'
import type { Files } from '../ports/files.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { Outside } from '../ports/outside.ts'
import { createFactsMemory } from '../probes/facts/examine.ts'
import { followServerLog } from '../probes/facts/current-log-file.ts'
import { closeProbeMemory, createProbeMemory } from '../probes/memory.ts'
import { createJournalStore } from '../recovery/journal-store.ts'
import type { Alerting } from './alerting.ts'
import { endCheck } from './check-integrity.ts'
import { statePaths } from './compose.ts'
import { createWatch } from './create-watch.ts'
import type { IncidentStore } from './incident-store.ts'
import type { WatchSettings } from './settings.ts'
import { JOURNAL_SLOT_BYTES, STATE_SLOT_BYTES } from './slot-bytes.ts'
import { createSlotFile, type SlotFile } from './slot-file.ts'
import { createStateFile } from './state-file.ts'
import { createUseLog } from './use-log.ts'
import type { Watch } from './watch.ts'
import { watchCluster } from './watch-loop.ts'

/** A day of eight file systems. */
const USE_SLOT_BYTES = 32 * 1024

/** What all watches of one daemon share. */
export interface Common {
  readonly host: string
  readonly incidents: IncidentStore
  readonly alerting: Alerting
  readonly abort: AbortSignal
  stopping(): boolean
  /** Called when how a watch stands may have changed. */
  changed(): void
  /** Reads a password each time that it is asked for. */
  passwordOf(source: SecretSource): () => Promise<string | undefined>
  /** Ends the daemon for a bug: systemd starts it anew at once, which looks more than a watch that has ended. */
  readonly fail: (error: unknown) => void
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
      journal: createJournalStore(await layJournal(files, paths.journal(cluster.name))),
      serverLog: followServerLog(cluster, files),
      probeMemory: createProbeMemory(() => undefined),
      factsMemory: createFactsMemory(),
      useLog: createUseLog(createSlotFile({ files, path: paths.use(cluster.name), slotBytes: USE_SLOT_BYTES }), outside.clock),
      superuser: { ...config.superuser, password: common.passwordOf(config.superuser.password) },
      login: config.application === undefined ? undefined : { user: config.application.user, database: config.application.database },
    },
    settings,
  )
  const ended = watchCluster(watch, stop.signal).catch(common.fail)
  return {
    watch,
    config,
    async stop() {
      stop.abort()
      await endCheck(watch)
      await ended
      await closeProbeMemory(watch.probeMemory)
      await outside.service.close()
    },
  }
}

/** A pause and counters that are lost are no small thing: a person has to know. */
function tellDamagedState({ log }: Outside, { name }: Cluster): void {
  const message = `${name}: the saved state cannot be believed and is begun anew: a pause and the count of attempts are forgotten`
  log.write({ level: 'err', event: 'state-damaged', message, cluster: name })
}

/** The journal has its blocks before they are needed: the first recovery may be one from a full disk. */
async function layJournal(files: Files, path: string): Promise<SlotFile> {
  const slots = createSlotFile({ files, path, slotBytes: JOURNAL_SLOT_BYTES })
  try {
    if ((await slots.load()) === undefined) await slots.save('')
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
  }
  return slots
}
