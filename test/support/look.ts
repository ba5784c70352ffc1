import { createClock } from '../../src/adapters/clock/clock.ts'
import { createFiles } from '../../src/adapters/filesystem/files.ts'
import { createPostgres } from '../../src/adapters/postgres/postgres.ts'
import type { Login } from '../../src/adapters/postgres/postgres.ts'
import { createProcesses } from '../../src/adapters/processes/processes.ts'
import type { Postgres } from '../../src/ports/postgres.ts'
import { createProbeMemory, closeProbeMemory } from '../../src/probes/memory.ts'
import type { Look, ProbeMemory, ProbeSettings } from '../../src/probes/probe.ts'
import { createFakeCommands } from '../fakes/commands.ts'
import { createFakeLog } from '../fakes/log.ts'
import type { FakeLog } from '../fakes/log.ts'
import { createFakeRandom } from '../fakes/random.ts'
import { createFakeServiceManager } from '../fakes/service-manager.ts'
import type { FakeServiceManager } from '../fakes/service-manager.ts'
import { APPLICATION_PASSWORD } from './cluster.ts'
import type { TestCluster } from './cluster.ts'

export const SETTINGS: ProbeSettings = {
  timeoutMs: { service: 8000, connection: 8000, authentication: 8000, latency: 8000, write: 8000, disk: 8000 },
  latencyLimitMs: 6000,
  writeIntervalMs: 60_000,
  disk: { warnRatio: 0.98, failRatio: 0.99, horizonMs: 86_400_000 },
}

export interface LookOptions {
  /** `null`: no application user is configured. */
  readonly application?: Partial<Login> | null
  readonly settings?: Partial<ProbeSettings>
  readonly onHeldSessionEnd?: () => void
}

/** A look at a real cluster by real adapters; only the service manager, log and chance are fakes. */
export interface RealLook {
  readonly look: Look
  readonly memory: ProbeMemory
  readonly postgres: Postgres
  readonly service: FakeServiceManager
  readonly log: FakeLog
}

interface Teardown {
  teardown(handler: () => Promise<void>): unknown
}

export function connectTo(made: TestCluster, application: Partial<Login> | null = {}): Postgres {
  const login = (user: string, database: string): Login => ({ user, database, host: '', password: async () => APPLICATION_PASSWORD })
  return createPostgres({
    cluster: made.cluster,
    superuser: login('postgres', 'postgres'),
    application: application === null ? undefined : { ...login('app', 'app'), ...application },
    clock: createClock(),
  })
}

/** Everything that one look needs; the sessions that it holds are closed at the end of the test. */
export function makeLook(t: Teardown, made: TestCluster, options: LookOptions = {}): RealLook {
  const memory = createProbeMemory(options.onHeldSessionEnd ?? (() => {}))
  const service = createFakeServiceManager({ mainPid: 0 })
  const log = createFakeLog()
  const postgres = connectTo(made, options.application)
  t.teardown(() => closeProbeMemory(memory))
  const outside = {
    clock: createClock(),
    random: createFakeRandom(),
    files: createFiles(),
    processes: createProcesses(),
    commands: createFakeCommands(),
    log,
    postgres,
    service,
  }
  const look: Look = { cluster: made.cluster, settings: { ...SETTINGS, ...options.settings }, outside, urgent: true, before: {}, memory }
  return { look, memory, postgres, service, log }
}
