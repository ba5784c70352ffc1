import { truncate } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Test as Tap } from 'tap'
import { createClock } from '../../src/adapters/clock/clock.ts'
import { createCommands } from '../../src/adapters/commands/commands.ts'
import { createFiles } from '../../src/adapters/filesystem/files.ts'
import { createProcesses } from '../../src/adapters/processes/processes.ts'
import { createRandom } from '../../src/adapters/random/random.ts'
import type { Facts } from '../../src/core/facts.ts'
import { NO_INDICATORS, readIndicators } from '../../src/core/postgres/log-indicators.ts'
import { parseLsn } from '../../src/core/postgres/lsn.ts'
import { walFileName } from '../../src/core/postgres/wal-file.ts'
import type { ProcessStatus } from '../../src/ports/processes.ts'
import { createFactsMemory, examine } from '../../src/probes/facts/examine.ts'
import { createServerLog } from '../../src/probes/facts/server-log.ts'
import { createFakeLog } from '../fakes/log.ts'
import { createFakePostgres } from '../fakes/postgres.ts'
import { createFakeServiceManager } from '../fakes/service-manager.ts'
import { noSessions } from '../support/no-sessions.ts'
import { BINARY_DIRECTORY, makeCluster } from '../support/cluster.ts'
import type { TestCluster } from '../support/cluster.ts'

t.setTimeout(180_000)

const STALL_MS = 300
const processes = createProcesses()
const files = createFiles()

function createExamination({ cluster }: TestCluster): () => Promise<Facts> {
  const outside = {
    clock: createClock(),
    random: createRandom(),
    files,
    processes,
    commands: createCommands(),
    log: createFakeLog(),
    postgres: createFakePostgres(),
    service: createFakeServiceManager(),
  }
  const memory = createFactsMemory()
  const settings = { stallTimeoutMs: STALL_MS, ballastBytes: 0, logAgeMs: 0, stateDirectory: '/var/lib/pgwatchd' }
  return () => examine({ cluster, outside, memory, log: NO_INDICATORS, sessions: noSessions(outside), settings })
}

/** The lines of pg_controldata by their labels. */
async function runControlData(server: TestCluster): Promise<Record<string, string>> {
  const { stdout } = await server.runAsOwner(`${BINARY_DIRECTORY}/pg_controldata`, [server.cluster.dataDirectory])
  return Object.fromEntries(stdout.split('\n').map((line) => line.split(/:\s+/) as [string, string]))
}

async function expectSameAsControlData(t: Tap, server: TestCluster, state: string): Promise<void> {
  const { controlFile } = await createExamination(server)()
  const said = await runControlData(server)
  t.equal(said['Database cluster state'], state, 'the state that the test is about')
  t.equal(controlFile?.state, said['Database cluster state'], state)
  t.equal(controlFile?.systemIdentifier, said['Database system identifier'], 'system identifier')
  t.equal(controlFile?.checkpointLsn, said['Latest checkpoint location'], 'checkpoint')
  t.equal(controlFile?.redoLsn, said["Latest checkpoint's REDO location"], 'redo')
  t.equal(String(controlFile?.timeline), said["Latest checkpoint's TimeLineID"], 'timeline')
  t.equal(String(controlFile?.walSegmentBytes), said['Bytes per WAL segment'], 'segment size')
  t.equal(controlFile?.checksumsEnabled, said['Data page checksum version'] !== '0', 'checksums')
  const redo = parseLsn(controlFile?.redoLsn ?? '') ?? 0n
  t.equal(
    walFileName(controlFile?.timeline ?? 0, redo, controlFile?.walSegmentBytes ?? 1),
    said["Latest checkpoint's REDO WAL file"],
    'redo WAL file',
  )
}

t.test('the control file says what pg_controldata says', async (t) => {
  const server = await makeCluster(t)
  await server.psql('checkpoint')
  await server.psql('select pg_switch_wal()')
  await server.psql('create table x as select generate_series(1, 1000) as id')
  await server.psql('checkpoint')
  await expectSameAsControlData(t, server, 'in production')
  await server.kill()
  await expectSameAsControlData(t, server, 'in production')
  await server.start()
  await server.stop()
  await expectSameAsControlData(t, server, 'shut down')
  const plain = await makeCluster(t, { checksums: false, start: false })
  await expectSameAsControlData(t, plain, 'shut down')
  await truncate(`${plain.cluster.dataDirectory}/global/pg_control`, 100)
  t.equal((await createExamination(plain)()).controlFile, undefined, 'a damaged file is no control file')
})

t.test('the postmaster as it runs, is frozen, and dies', async (t) => {
  const server = await makeCluster(t)
  const look = createExamination(server)
  const pid = await server.postmasterPid()
  t.match(await look(), {
    postmaster: { status: 'running', pid },
    pidFileStatus: 'ready',
    startup: undefined,
    owner: { status: 'none' },
    dataDirectoryUser: { status: 'unknown' },
  })
  await server.signalPostmaster('SIGSTOP')
  while (processes.inspect(pid)?.state !== 'T') await pause(5)
  t.match(await look(), { postmaster: { status: 'running', pid, processState: 'T' } })
  const log = createServerLog({ files, path: server.cluster.logFile })
  await log.poll()
  const checkpointer = processes.postgresIn(server.cluster.dataDirectory).find(({ commandLine }) => /checkpointer/.test(commandLine))
  if (checkpointer === undefined) throw new Error('no checkpointer')
  process.kill(checkpointer.pid, 'SIGSTOP')
  await server.signalPostmaster('SIGKILL')
  while (!['Z', undefined].includes(processes.inspect(pid)?.state)) await pause(5)
  const orphaned = await look()
  t.equal(orphaned.postmaster.status, 'orphans', 'a frozen child outlives its postmaster')
  t.ok('pids' in orphaned.postmaster && orphaned.postmaster.pids.includes(checkpointer.pid))
  await server.kill()
  t.match(await look(), {
    postmaster: { status: 'absent' },
    pidFileStatus: '',
    configurationError: { status: 'none' },
    pidFileLeft: true,
    logEnding: 'running',
    restoreSign: { status: 'none' },
  })
  await server.configure({ shared_buffers: 'nonsense' })
  t.match(await look(), { configurationError: { value: /shared_buffers/ } })
  await t.rejects(server.start())
  t.match(readIndicators(await log.poll()), { configurationErrors: [/shared_buffers|contains errors/] })
})

/** The startup process as soon as there is one. */
async function catchStartup({ cluster }: TestCluster): Promise<ProcessStatus> {
  for (;;) {
    const found = processes.postgresIn(cluster.dataDirectory).find(({ commandLine }) => /^postgres:.*startup/.test(commandLine))
    if (found !== undefined) return found
    await pause(1)
  }
}

t.test('a start is seen to stall, to advance and to end', async (t) => {
  const server = await makeCluster(t, { settings: { max_wal_size: '4GB', checkpoint_timeout: '1h', autovacuum: 'off' } })
  await server.psql('create table t as select g as id, repeat(md5(g::text), 4) as filler from generate_series(1, 300000) g')
  await server.kill()
  const look = createExamination(server)
  const [startup] = await Promise.all([catchAndStop(server), server.start({ wait: false })])
  t.match(await look(), { pidFileStatus: 'starting', startup: { advancing: true } })
  await pause(STALL_MS)
  const stalled = await look()
  t.match(stalled, { startup: { advancing: false } })
  t.ok((stalled.startup?.stalledForMs ?? 0) >= STALL_MS)
  process.kill(startup.pid, 'SIGCONT')
  const phases = new Map<string, string>()
  let latest = await look()
  for (const end = Date.now() + 60_000; latest.pidFileStatus !== 'ready' && Date.now() < end; latest = await look()) {
    if (latest.startup !== undefined) phases.set(latest.startup.phase, latest.startup.walFile)
  }
  t.match(phases.get('redo'), /^[0-9A-F]{24}$/, 'redo was seen, with the file that it replays')
  t.match(latest, { pidFileStatus: 'ready', startup: undefined })
  t.equal(await server.psql('select count(*) from t'), '300000')
})

async function catchAndStop(server: TestCluster): Promise<ProcessStatus> {
  const startup = await catchStartup(server)
  process.kill(startup.pid, 'SIGSTOP')
  return startup
}
