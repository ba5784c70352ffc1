import t from 'tap'
import { readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClock } from '../../src/adapters/clock/clock.ts'
import { createCommands } from '../../src/adapters/commands/commands.ts'
import { createFiles } from '../../src/adapters/filesystem/files.ts'
import { createPgCtlManager } from '../../src/adapters/pg-ctl/pg-ctl-manager.ts'
import { createProcesses } from '../../src/adapters/processes/processes.ts'
import type { ServiceManager } from '../../src/ports/service-manager.ts'
import { makeCluster } from '../support/cluster.ts'
import { waitUntil } from '../support/cluster-processes.ts'

const made = await makeCluster(t)
const { cluster } = made
const processes = createProcesses()
const manager = createPgCtlManager({
  cluster,
  runtimeDirectory: made.directory,
  clock: createClock(),
  files: createFiles(),
  processes,
  commands: createCommands(),
})
const TIMEOUT_MS = 30_000

const stateOf = async (service: ServiceManager) => (await service.status()).state
const serving = () =>
  waitUntil('the server answers', () =>
    made.psql('select 1').then(
      () => true,
      () => false,
    ),
  )
const pidFile = join(cluster.dataDirectory, 'postmaster.pid')

async function environmentOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/environ`, 'utf8')).replaceAll('\0', '\n')
}

t.test('a clean stop in each way, and a start that nothing ties to this process', async (t) => {
  process.env['NOTIFY_SOCKET'] = '/run/nobody'
  t.teardown(() => delete process.env['NOTIFY_SOCKET'])
  for (const mode of ['smart', 'fast', 'immediate'] as const) {
    t.match(await manager.stop(mode, TIMEOUT_MS), { ok: true }, mode)
    t.same(processes.postgresIn(cluster.dataDirectory), [])
    t.equal(await stateOf(manager), 'inactive')
    t.match(await manager.start(TIMEOUT_MS), { ok: true })
    await serving()
  }
  const { state, mainPid } = await manager.status()
  t.equal(state, 'active')
  t.equal(mainPid, await made.postmasterPid())
  t.notMatch(await environmentOf(mainPid), /NOTIFY_SOCKET/)
  const session = (await readFile(`/proc/${mainPid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[3]
  t.not(session, (await readFile('/proc/self/stat', 'utf8')).split(') ')[1]?.split(' ')[3], 'a session of its own')
  const outputs = await Promise.all(['1', '2'].map((descriptor) => readlink(`/proc/${mainPid}/fd/${descriptor}`)))
  t.same(outputs, [cluster.logFile, cluster.logFile])
})

t.test('a frozen postmaster does not stop; killing takes every process', async (t) => {
  const { mainPid } = await manager.status()
  process.kill(mainPid, 'SIGSTOP')
  t.match(await manager.stop('fast', 300), { ok: false, timedOut: true })
  t.match(await manager.killAll(TIMEOUT_MS), { ok: true })
  t.same(processes.postgresIn(cluster.dataDirectory), [])
  t.match(await manager.status(), { state: 'failed', mainPid: 0 }, 'the pid file tells of the crash')
})

t.test('a start over the remains of a crash, and one that pg_ctl refuses', async (t) => {
  await waitUntil(
    'init reaps the old postmaster',
    async () => processes.inspect(Number((await readFile(pidFile, 'utf8')).split('\n')[0])) === undefined,
  )
  t.match(await manager.start(TIMEOUT_MS), { ok: true })
  await serving()
  await manager.stop('fast', TIMEOUT_MS)
  await writeFile(pidFile, '')
  t.match(await manager.start(TIMEOUT_MS), { ok: false, detail: /PID file .* is empty/ })
})

t.test('a pid file that names a stranger harms no stranger', async (t) => {
  await writeFile(pidFile, `${process.pid}\n${cluster.dataDirectory}\n1\n`)
  t.match(await manager.status(), { state: 'failed', mainPid: 0 })
  t.match(await manager.stop('immediate', TIMEOUT_MS), { ok: true, detail: /no server process/ })
  t.match(await manager.killAll(TIMEOUT_MS), { ok: true })
})
