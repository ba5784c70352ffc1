import { spawn } from 'node:child_process'
import { chmod, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import t from 'tap'
import { STEPS } from '../../src/recovery/index.ts'
import type { Journal } from '../../src/recovery/pipeline.ts'
import type { Step } from '../../src/recovery/step.ts'
import { makeCluster } from '../support/cluster.ts'
import { makeGround } from '../recovery/real-ground.ts'

t.setTimeout(300_000)

t.test('a crashed server serves again, with every committed row', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  await test.psql('create table t as select generate_series(1, 1000) as id')
  await test.kill()
  t.match(await recover(), { status: 'succeeded', notDone: [], notUndone: [] }, told.join('\n'))
  t.equal(await test.psql('select count(*) from t'), '1000')
  t.comment(told.join('\n'))
})

t.test('a postmaster.pid that names a living stranger is moved aside, and the stranger lives', async (t) => {
  for (const title of ['sleep', 'postgres']) {
    const test = await makeCluster(t)
    const { recover, told, ground } = await makeGround(test)
    await test.kill()
    const stranger = spawn('setpriv', [
      '--reuid=postgres',
      '--regid=postgres',
      '--clear-groups',
      '--',
      'bash',
      '-c',
      `exec -a ${title} sleep 300`,
    ])
    t.teardown(() => stranger.kill('SIGKILL'))
    const path = `${test.cluster.dataDirectory}/postmaster.pid`
    await writeFile(path, (await readFile(path, 'utf8')).replace(/^\d+/, String(stranger.pid)))
    t.match(await recover(), { status: 'succeeded' }, told.join('\n'))
    t.equal(stranger.exitCode, null)
    t.equal(stranger.signalCode, null)
    t.ok((await readdir(ground.incidentDirectory)).some((name) => name.endsWith('postmaster.pid')))
  }
})

t.test('a suspended postmaster goes on without a restart, and no session is lost', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  const before = await test.postmasterPid()
  await test.signalPostmaster('SIGSTOP')
  t.match(await recover(), { status: 'succeeded', done: [/./, /SIGCONT/, /verified/] }, told.join('\n'))
  t.equal(await test.postmasterPid(), before)
})

t.test('a broken configuration keeps a dead server from being started, and a running one is not stopped for it', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  await test.configure({ no_such_parameter: 1 })
  const before = await test.postmasterPid()
  t.match(await recover(), { status: 'succeeded' }, told.join('\n'))
  t.equal(await test.postmasterPid(), before)
  await test.kill()
  t.match(await recover(), { status: 'held', step: 'check-data-files', why: /no_such_parameter/ })
})

/** The journal of a restart plan that was killed before `check-data-files` had ended, on a server that was down then. */
const KILLED_WHILE_DOWN: Journal = {
  version: 1,
  incidentId: 'incident',
  attempt: 1,
  plan: 'restart',
  resumptions: 0,
  status: 'open',
  startedWallMs: 0,
  steps: [
    {
      name: 'capture-evidence',
      status: 'done',
      wallMs: 0,
      detail: 'kept',
      data: { folder: 'evidence', role: 'primary', postmaster: null },
    },
    { name: 'check-data-files', status: 'began', wallMs: 0, detail: '', data: {} },
  ],
}

t.test('a server that serves by the time an attempt is taken up again keeps running, with its sessions', async (t) => {
  for (const resumeFrom of [KILLED_WHILE_DOWN, { ...KILLED_WHILE_DOWN, steps: [] }]) {
    const test = await makeCluster(t)
    const { recover, told } = await makeGround(test)
    const session = test.psql('select pg_sleep(5)')
    const before = await test.postmasterPid()
    t.match(await recover({ resumeFrom }), { status: 'succeeded' }, told.join('\n'))
    t.equal(await test.postmasterPid(), before)
    await t.resolves(session)
  }
})

t.test('a server that somebody starts while the evidence is kept is waited for, and not stopped', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  await test.kill()
  const [capture, ...others] = STEPS
  if (capture === undefined) throw new Error('there are steps')
  const starting: Step = { ...capture, run: async (context, signal) => (await test.start({ wait: false }), capture.run(context, signal)) }
  t.match(await recover({ steps: [starting, ...others] }), { status: 'succeeded' }, told.join('\n'))
  t.notOk(
    told.some((sentence) => /trying|stopped the server/.test(sentence)),
    told.join('\n'),
  )
})

t.test('a server with no free connection slot is not stopped', async (t) => {
  const test = await makeCluster(t, { settings: { max_connections: 5, superuser_reserved_connections: 1 } })
  const { recover, told } = await makeGround(test)
  const before = await test.postmasterPid()
  const sessions = Array.from({ length: 5 }, () => test.psql('select pg_sleep(6)').catch(() => undefined))
  await test.signalPostmaster('SIGSTOP')
  await recover()
  t.equal(await test.postmasterPid(), before, told.join('\n'))
  await Promise.all(sessions)
  t.notOk(
    told.some((sentence) => /trying/.test(sentence)),
    told.join('\n'),
  )
})

t.test('a missing WAL segment holds the start, because it would lose what was committed', async (t) => {
  const test = await makeCluster(t)
  const { recover } = await makeGround(test)
  await test.psql('create table t as select generate_series(1, 200000) as id; select pg_switch_wal()')
  await test.psql('create table u as select 1; select pg_switch_wal()')
  await test.psql('create table v as select 1')
  await test.kill()
  const wal = `${test.cluster.dataDirectory}/pg_wal`
  const segments = (await readdir(wal)).filter((name) => /^[0-9A-F]{24}$/.test(name)).sort()
  await rename(`${wal}/${segments.at(-2)}`, `${test.directory}/taken`)
  t.match(await recover(), { status: 'held', step: 'check-data-files', why: new RegExp(`${segments.at(-2)}`) })
  await rename(`${test.directory}/taken`, `${wal}/${segments.at(-2)}`)
  await chmod(test.cluster.dataDirectory, 0o775)
  t.match(await recover(), { status: 'succeeded' })
  t.equal(await test.psql('select count(*) from t'), '200000')
})
