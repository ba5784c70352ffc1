import { mkdir } from 'node:fs/promises'
import { createClock } from '../../src/adapters/clock/clock.ts'
import { createCommands } from '../../src/adapters/commands/commands.ts'
import { createFiles } from '../../src/adapters/filesystem/files.ts'
import { createPgCtlManager } from '../../src/adapters/pg-ctl/pg-ctl-manager.ts'
import { createPostgres } from '../../src/adapters/postgres/postgres.ts'
import { createProcesses } from '../../src/adapters/processes/processes.ts'
import { createRandom } from '../../src/adapters/random/random.ts'
import { createSlotFile } from '../../src/daemon/slot-file.ts'
import { createSessionSurvey } from '../../src/probes/sessions/survey.ts'
import { createSpaceSurvey } from '../../src/probes/space/survey.ts'
import type { Outside } from '../../src/ports/outside.ts'
import { createJournalStore } from '../../src/recovery/journal-store.ts'
import type { JournalStore, PipelineOutcome } from '../../src/recovery/pipeline.ts'
import { STEPS } from '../../src/recovery/index.ts'
import type { PipelineInput, StepGround } from '../../src/recovery/run-pipeline.ts'
import { runPipeline } from '../../src/recovery/run-pipeline.ts'
import { createFakeLog } from '../fakes/log.ts'
import type { TestCluster } from '../support/cluster.ts'
import { CRASHED } from './crashed.ts'
import { SETTINGS } from './settings.ts'

interface RecoverOptions extends Partial<Pick<PipelineInput, 'plan' | 'resumeFrom' | 'steps' | 'store'>> {
  readonly ground?: Partial<StepGround>
  readonly signal?: AbortSignal
}

/** The real world around a throwaway cluster, with everything that was reported and every step's status as it came. */
export interface RealGround {
  readonly ground: StepGround
  readonly store: JournalStore
  readonly told: string[]
  recover(options?: RecoverOptions): Promise<PipelineOutcome>
}

/** Everything outside of pgwatchd around a throwaway cluster. */
export function createOutside(test: TestCluster, runtimeDirectory: string, standbyPort?: number): Outside {
  const host = {
    clock: createClock(),
    random: createRandom(),
    files: createFiles(),
    processes: createProcesses(),
    commands: createCommands(),
    log: createFakeLog(),
  }
  const socketDirectory = test.cluster.socketDirectory
  const login = (user: string, database: string) => ({ user, database, host: socketDirectory, password: async () => undefined })
  const postgres = createPostgres({
    cluster: test.cluster,
    superuser: login('postgres', 'postgres'),
    application: login('app', 'app'),
    ...(standbyPort === undefined ? {} : { standby: { ...login('postgres', 'postgres'), port: standbyPort } }),
    clock: host.clock,
  })
  return { ...host, postgres, service: createPgCtlManager({ ...host, cluster: test.cluster, runtimeDirectory }) }
}

/** Builds it; everything lies below the cluster's throwaway directory. */
export async function makeGround(test: TestCluster, options: { readonly standbyPort?: number } = {}): Promise<RealGround> {
  const [incidentDirectory, stateDirectory] = [`${test.directory}/incident`, `${test.directory}/state`]
  for (const path of [incidentDirectory, stateDirectory]) await mkdir(path, { mode: 0o700 })
  const told: string[] = []
  const outside = createOutside(test, `${test.directory}/run`, options.standbyPort)
  const report = (sentence: string): void => void told.push(sentence)
  const ground: StepGround = {
    cluster: test.cluster,
    assessment: CRASHED,
    damages: [],
    settings: SETTINGS,
    outside,
    sessions: createSessionSurvey({
      cluster: test.cluster,
      outside,
      login: { user: 'app', database: 'app' },
      held: () => undefined,
      settings: () => SETTINGS,
    }),
    space: createSpaceSurvey(test.cluster, outside, () => SETTINGS.disk),
    incidentDirectory,
    incidentId: 'incident',
    stateDirectory,
    report,
    hurried: () => false,
  }
  const store = createJournalStore(createSlotFile({ files: outside.files, path: `${stateDirectory}/journal`, slotBytes: 65_536 }))
  return {
    ground,
    store,
    told,
    recover: ({ ground: changes, signal, ...rest } = {}) =>
      runPipeline(
        {
          steps: STEPS,
          plan: 'restart',
          attempt: 1,
          ground: { ...ground, ...changes },
          store,
          clock: outside.clock,
          onStep: (name, status, detail) => report(`${Math.round(outside.clock.monotonicMs())} ${name} ${status}: ${detail}`),
          ...rest,
        },
        signal ?? new AbortController().signal,
      ),
  }
}
