import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { createProcesses } from '../../src/adapters/processes/processes.ts'
import { runSetup, setupStatements } from '../../src/probes/setup-database.ts'
import { makeGround } from '../recovery/real-ground.ts'
import { makeAssessor } from '../support/assessor.ts'
import { makeCluster } from '../support/cluster.ts'
import type { TestCluster } from '../support/cluster.ts'
import { ownerOf, waitUntil } from '../support/cluster-processes.ts'
import { connectTo } from '../support/look.ts'

t.setTimeout(300_000)

const SHORT = { timeoutMs: { service: 8000, connection: 2000, authentication: 2000, latency: 2000, write: 1500, disk: 8000 } }
const V1_FREEZER = '/sys/fs/cgroup/freezer'
const skip = process.getuid?.() === 0 ? false : 'needs root to mount and to freeze'

const processes = createProcesses()

interface Teardown {
  teardown(handler: () => unknown): unknown
}

/** A small ext4 volume of its own; thawed and removed at the end, however the test ends. */
function mountVolume(t: Teardown): string {
  const path = mkdtempSync('/tmp/pgwatchd-volume-')
  const image = `${path}.img`
  execFileSync('truncate', ['-s', '300M', image])
  execFileSync('mkfs.ext4', ['-q', '-F', image])
  execFileSync('mount', ['-o', 'loop', image, path])
  const { uid, gid } = ownerOf('postgres')
  chownSync(path, uid, gid)
  t.teardown(() => {
    freeze(path, '--unfreeze')
    execFileSync('umount', ['-l', path])
    rmSync(path, { recursive: true, force: true })
    rmSync(image)
  })
  return path
}

/** Quiet where it is as wished already. */
function freeze(path: string, how: '--freeze' | '--unfreeze'): void {
  try {
    execFileSync('fsfreeze', [how, path], { stdio: 'ignore' })
  } catch {
    // Thawed before.
  }
}

async function setUpRing(made: TestCluster): Promise<void> {
  const setup = { postgres: connectTo(made), database: 'app', statements: setupStatements('app'), timeoutMs: 10_000, report: () => {} }
  const outcome = await runSetup(setup)
  if (!outcome.ok) throw new Error(outcome.failure.message)
}

/** The pid of the cluster's process with such a title. */
function pidOf({ cluster }: TestCluster, title: RegExp): number {
  const found = processes.postgresIn(cluster.dataDirectory).find(({ commandLine }) => title.test(commandLine))
  if (found === undefined) throw new Error(`no process is titled ${String(title)}`)
  return found.pid
}

async function stopProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  await waitUntil('it is stopped', () => processes.glance(pid)?.state === 'T')
}

t.test('a frozen file system: reads go on, the write probe notices, and nothing is stopped', { skip }, async (t) => {
  const volume = mountVolume(t)
  const made = await makeCluster(t, { parent: volume, fsync: true })
  await setUpRing(made)
  const { assess } = makeAssessor(t, made, SHORT)
  t.match((await assess()).assessment, { response: 'none' })
  const before = await made.postmasterPid()
  freeze(volume, '--freeze')
  const { readings, assessment } = await assess()
  t.match(readings, { connection: { verdict: 'pass' }, latency: { verdict: 'pass' }, write: { verdict: 'fail', reason: 'timeout' } })
  t.match(assessment, { cause: 'storage-hangs', response: 'person', verdict: /writes hang/ })
  t.equal(assessment.plan, undefined)
  t.match(assessment.evidence.join('\n'), /UPDATE \(pid \d+\) waits in the kernel in percpu_rwsem_wait < .*fsfreeze --unfreeze/s)
  t.comment([assessment.verdict, ...assessment.evidence].join('\n'))
  freeze(volume, '--unfreeze')
  await waitUntil('all is well', async () => (await assess()).assessment.response === 'none')
  t.equal(await made.postmasterPid(), before)
})

t.test('a process that was killed while its file system is frozen: nothing more is done until it is gone', { skip }, async (t) => {
  const volume = mountVolume(t)
  const made = await makeCluster(t, { parent: volume, fsync: true })
  await setUpRing(made)
  const { assess } = makeAssessor(t, made, SHORT)
  await assess()
  freeze(volume, '--freeze')
  const writer = made.psql('update pgwatchd.ring set writes = 0 where slot = 1').catch(() => undefined)
  await waitUntil('it hangs', () => processes.postgresIn(made.cluster.dataDirectory).some(({ state }) => state === 'D'))
  process.kill(pidOf(made, /UPDATE/), 'SIGKILL')
  const { assessment } = await assess()
  t.match(assessment, { cause: 'cannot-be-stopped', response: 'person' })
  t.match(assessment.evidence.join('\n'), /was sent SIGKILL and waits in the kernel/)
  t.comment([assessment.verdict, ...assessment.evidence].join('\n'))
  freeze(volume, '--unfreeze')
  await writer
  await waitUntil('the server has recovered by itself', async () => (await assess()).assessment.response === 'none')
})

t.test(
  'a stopped checkpointer is a warning; stopped with a writer that waits for it, it is let go on and nobody loses a session',
  async (t) => {
    const made = await makeCluster(t)
    await setUpRing(made)
    const { assess } = makeAssessor(t, made, SHORT)
    const checkpointer = pidOf(made, /checkpointer/)
    await stopProcess(checkpointer)
    const { assessment } = await assess()
    t.match(assessment, { response: 'none', warnings: [{ key: 'service:process-stopped', sentence: /checkpointer \(pid \d+\)/ }] })
    const { recover, told } = await makeGround(made)
    const session = made.psql('checkpoint')
    const frozen = { ...assessment, cause: 'frozen', response: 'recover', plan: 'remedies' } as const
    t.match(
      await recover({ plan: 'remedies', ground: { assessment: frozen } }),
      { status: 'succeeded', done: [/./, /SIGCONT/, /./] },
      told.join('\n'),
    )
    await t.resolves(session)
    t.not(processes.glance(checkpointer)?.state, 'T')
    t.match((await assess()).assessment.warnings, [])
  },
)

t.test('a stopped session that holds what the write needs is told from a frozen postmaster', async (t) => {
  const made = await makeCluster(t)
  await setUpRing(made)
  const { assess } = makeAssessor(t, made, SHORT)
  await assess()
  const before = await made.postmasterPid()
  const blocker = made.psql('begin; lock table pgwatchd.ring; select pg_sleep(60)').catch(() => undefined)
  await waitUntil('it holds the lock', () =>
    processes.postgresIn(made.cluster.dataDirectory).some(({ commandLine }) => /SELECT/.test(commandLine)),
  )
  const pid = pidOf(made, /SELECT/)
  await stopProcess(pid)
  const { assessment } = await assess()
  t.match(assessment, { cause: 'frozen', response: 'recover', plan: 'remedies', commands: [{ shell: `sudo kill -CONT ${pid}` }] })
  t.comment([assessment.verdict, ...assessment.evidence].join('\n'))
  process.kill(pid, 'SIGCONT')
  await made.psql(`select pg_terminate_backend(${pid})`)
  await blocker
  t.equal(await made.postmasterPid(), before)
})

t.test(
  'a frozen control group is told, and left to who froze it',
  { skip: existsSync(V1_FREEZER) ? skip : 'no version 1 freezer here' },
  async (t) => {
    const made = await makeCluster(t)
    await setUpRing(made)
    const { assess } = makeAssessor(t, made, SHORT)
    await assess()
    const group = `${V1_FREEZER}/pgwatchd-test-${process.pid}`
    mkdirSync(group)
    const set = (file: string, word: string) => writeFileSync(`${group}/${file}`, word)
    t.teardown(async () => {
      set('freezer.state', 'THAWED')
      for (const { pid } of processes.postgresIn(made.cluster.dataDirectory)) writeFileSync(`${V1_FREEZER}/cgroup.procs`, String(pid))
      await waitUntil('the group is empty', () => {
        rmdirSync(group)
        return true
      }).catch(() => undefined)
    })
    for (const { pid } of processes.postgresIn(made.cluster.dataDirectory)) set('cgroup.procs', String(pid))
    set('freezer.state', 'FROZEN')
    const { assessment } = await assess()
    t.match(assessment, { cause: 'frozen', response: 'person', verdict: /control group/ })
    t.equal(assessment.plan, undefined)
    t.comment([assessment.verdict, ...assessment.evidence].join('\n'))
    set('freezer.state', 'THAWED')
    await waitUntil('all is well', async () => (await assess()).assessment.response === 'none')
  },
)
