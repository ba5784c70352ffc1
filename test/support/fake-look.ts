import type { Cluster } from '../../src/core/cluster.ts'
import { createProbeMemory } from '../../src/probes/memory.ts'
import type { Look, ProbeMemory } from '../../src/probes/probe.ts'
import { createFakeClock } from '../fakes/clock.ts'
import { createFakeCommands } from '../fakes/commands.ts'
import { createFakeFiles } from '../fakes/files.ts'
import { createFakeLog } from '../fakes/log.ts'
import { answerProbes, createFakePostgres } from '../fakes/postgres.ts'
import { createFakeProcesses } from '../fakes/processes.ts'
import { createFakeRandom } from '../fakes/random.ts'
import { createFakeServiceManager } from '../fakes/service-manager.ts'

export const CLUSTER: Cluster = {
  name: '15-main',
  majorVersion: 15,
  dataDirectory: '/var/lib/postgresql/15/main',
  binaryDirectory: '/usr/lib/postgresql/15/bin',
  socketDirectory: '/run/postgresql',
  port: 5432,
  configFile: '',
  logFile: '/var/log/postgresql/postgresql-15-main.log',
  serviceManager: 'systemd',
  unit: 'postgresql@15-main.service',
}

export const POSTMASTER_PID = 4711

/** A healthy cluster of which every part can be broken. */
export function createFakeLook(): ReturnType<typeof build> {
  return build()
}

function build() {
  const clock = createFakeClock()
  const files = createFakeFiles()
  const processes = createFakeProcesses()
  const service = createFakeServiceManager()
  const log = createFakeLog()
  const postgres = createFakePostgres(clock)
  const wakes = { count: 0 }
  const memory: ProbeMemory = createProbeMemory(() => {
    wakes.count += 1
  })
  answerProbes(postgres)
  files.put(`${CLUSTER.dataDirectory}/postmaster.pid`, `${POSTMASTER_PID}\n${CLUSTER.dataDirectory}\n`)
  files.putDirectory(`${CLUSTER.dataDirectory}/pg_wal`)
  files.putDirectory(`${CLUSTER.dataDirectory}/pg_tblspc`)
  files.put(CLUSTER.logFile, '')
  processes.putPostgres(CLUSTER.dataDirectory, { pid: POSTMASTER_PID })
  const outside = { clock, random: createFakeRandom(), files, processes, commands: createFakeCommands(), log, postgres, service }
  const look: Look = {
    cluster: CLUSTER,
    settings: {
      timeoutMs: { service: 2000, connection: 5000, authentication: 5000, latency: 7000, write: 5000, disk: 2000 },
      latencyLimitMs: 5000,
      writeIntervalMs: 60_000,
      disk: { warnRatio: 0.8, failRatio: 0.9, horizonMs: 86_400_000 },
    },
    outside,
    urgent: false,
    before: {},
    memory,
  }
  return { look, memory, clock, files, processes, service, log, postgres, wakes }
}
