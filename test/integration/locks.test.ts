import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import type { Assessment } from '../../src/core/cause.ts'
import { findRoots } from '../../src/core/sessions/lock-conflicts.ts'
import type { Session } from '../../src/ports/postgres.ts'
import type { RecoverySettings } from '../../src/recovery/step.ts'
import { makeGround } from '../recovery/real-ground.ts'
import { SETTINGS } from '../recovery/settings.ts'
import { makeAssessor } from '../support/assessor.ts'
import type { Assessor } from '../support/assessor.ts'
import { makeCluster } from '../support/cluster.ts'
import type { TestCluster } from '../support/cluster.ts'
import { waitUntil } from '../support/cluster-processes.ts'
import { connectTo } from '../support/look.ts'
import { startRealDaemon } from '../support/real-daemon.ts'

t.setTimeout(300_000)

interface Teardown {
  teardown(handler: () => unknown): unknown
}

const LIMIT_MS = 500

function withPolicy(policy: 'observe' | 'act'): RecoverySettings {
  return { ...SETTINGS, blockers: { policy, limitMs: LIMIT_MS } }
}

async function openSession(
  t: Teardown,
  made: TestCluster,
  role: 'application' | 'superuser' = 'application',
  program = 'shop',
): Promise<Session> {
  const opened = await connectTo(made).open({ role, database: 'app', timeoutMs: 10_000, purpose: 'x' })
  if (!opened.ok) throw new Error(opened.failure.message)
  t.teardown(() => opened.value.close())
  await run(opened.value, `set application_name = '${program}'`)
  return opened.value
}

/** True when the statement was carried out. */
async function run(session: Session, text: string): Promise<boolean> {
  return (await session.query({ text, timeoutMs: 120_000 })).ok
}

async function makeTable(made: TestCluster): Promise<void> {
  await made.psql('create table accounts (id int primary key, balance int); insert into accounts values (1, 10), (2, 20)')
  await made.psql('grant all on accounts to app')
}

/** Waits until somebody has waited for so many sessions' locks beyond the limit. */
async function untilBlocked({ survey }: Assessor, waiters: number): Promise<void> {
  await waitUntil('they wait for long enough', async () => {
    const [root] = findRoots(await survey.conflicts(AbortSignal.timeout(5_000)))
    return root?.waiters.length === waiters && (root.waiters.at(-1)?.waitedMs ?? 0) > LIMIT_MS
  })
}

function sqlOf({ commands = [] }: Assessment): readonly string[] {
  return commands.flatMap((command) => ('sql' in command ? [command.sql] : []))
}

t.test('a session idle in transaction blocks others: the tree is told, and with the policy act that session alone is ended', async (t) => {
  const made = await makeCluster(t)
  await makeTable(made)
  const assessor = makeAssessor(t, made, {}, withPolicy('act'))
  t.match((await assessor.assess()).assessment, { response: 'none' })
  const [root, first, second] = [await openSession(t, made), await openSession(t, made), await openSession(t, made)]
  await run(root, `begin; update accounts set balance = 0 where id = 1 /* password='hunter2' */`)
  const one = run(first, 'update accounts set balance = balance + 1 where id = 1')
  await waitUntil('the first waits', async () => (await assessor.survey.conflicts(AbortSignal.timeout(5_000))).parties.length === 2)
  const two = run(second, 'update accounts set balance = balance + 2 where id = 1')
  await untilBlocked(assessor, 2)
  const { readings, assessment } = await assessor.assess()
  t.match(readings.connection, { verdict: 'pass', evidence: { lockWaitMs: Number } })
  t.match(assessment, { cause: 'blocked', response: 'recover', plan: 'remedies' })
  t.match(
    assessment.verdict,
    new RegExp(`2 sessions wait for a lock, .*: pid ${root.backendPid} of app on app .* has it and is idle in transaction`),
  )
  const evidence = assessment.evidence.join('\n')
  t.comment([assessment.verdict, ...assessment.evidence, ...sqlOf(assessment)].join('\n'))
  t.match(
    evidence,
    new RegExp(`pid ${first.backendPid} .* has waited .* for pid ${root.backendPid} \\(ShareLock on transactionid\\): update accounts`),
  )
  t.notMatch(evidence, /hunter2/, 'a password in a statement is masked')
  t.strictSame(sqlOf(assessment).length, 1, 'there is no statement to cancel')

  const { recover, told, ground } = await makeGround(made)
  const outcome = await recover({ plan: 'remedies', ground: { assessment, settings: withPolicy('act'), sessions: assessor.survey } })
  t.match(outcome, { status: 'succeeded', notDone: [] }, told.join('\n'))
  t.strictSame([await one, await two], [true, true], 'those that waited went on')
  t.equal(await run(root, 'select 1'), false)
  t.equal(await made.psql('select balance from accounts where id = 1'), '13')
  t.match(readFileSync(`${ground.incidentDirectory}/changes.jsonl`, 'utf8'), /ended the session with pid/)
  t.ok(readdirSync(ground.incidentDirectory).some((name) => name.startsWith('locks-')))
  t.match((await assessor.assess()).assessment, { response: 'none' })
})

t.test('a statement that blocks is cancelled, and its session lives on', async (t) => {
  const made = await makeCluster(t)
  await makeTable(made)
  const assessor = makeAssessor(t, made, {}, withPolicy('act'))
  const [root, waiter] = [await openSession(t, made), await openSession(t, made)]
  await run(root, 'begin; lock table accounts')
  const work = run(root, 'select pg_sleep(600)')
  const waiting = run(waiter, 'select count(*) from accounts')
  await untilBlocked(assessor, 1)
  const { assessment } = await assessor.assess()
  t.match(sqlOf(assessment), [/pg_cancel_backend/, /pg_terminate_backend/])
  const { recover, told } = await makeGround(made)
  const outcome = await recover({ plan: 'remedies', ground: { assessment, settings: withPolicy('act'), sessions: assessor.survey } })
  t.match(outcome, { status: 'succeeded', done: [/./, /cancelled the statement of pid/, /./] }, told.join('\n'))
  t.strictSame([await work, await waiting], [false, true])
  t.equal(await run(root, 'rollback'), true, 'the session lives')
})

t.test('a cancel that does not free the lock is followed by the end of the session', async (t) => {
  const made = await makeCluster(t)
  await makeTable(made)
  const assessor = makeAssessor(t, made, {}, withPolicy('act'))
  const [root, waiter] = [await openSession(t, made), await openSession(t, made)]
  await run(root, 'begin; lock table accounts; savepoint s')
  const work = run(root, 'select pg_sleep(600)')
  const waiting = run(waiter, 'select count(*) from accounts')
  await untilBlocked(assessor, 1)
  const { assessment } = await assessor.assess()
  const { recover, told } = await makeGround(made)
  const outcome = await recover({ plan: 'remedies', ground: { assessment, settings: withPolicy('act'), sessions: assessor.survey } })
  t.match(outcome, { status: 'succeeded', done: [/./, /cancelled/, /ended the session/, /./] }, told.join('\n'))
  t.strictSame([await work, await waiting], [false, true])
})

t.test('observe ends nothing; its statements name the transaction, and not the next one of the same session', async (t) => {
  const made = await makeCluster(t)
  await makeTable(made)
  const assessor = makeAssessor(t, made, {}, withPolicy('observe'))
  const [root, waiter] = [await openSession(t, made), await openSession(t, made)]
  await run(root, 'begin; lock table accounts')
  const waiting = run(waiter, 'select count(*) from accounts')
  await untilBlocked(assessor, 1)
  const { assessment } = await assessor.assess()
  t.match(assessment, { cause: 'blocked', response: 'person', notDone: [/recovery\.blockers\.policy is observe/] })
  await run(root, 'commit; begin; lock table accounts')
  t.equal(await waiting, true)
  t.equal(await made.psql(sqlOf(assessment)[0] ?? ''), '', 'another transaction is not met')
  t.equal(await run(root, 'commit'), true)
})

t.test('who is never ended: a superuser, a dump, a prepared transaction; and who stands first in the queue is named', async (t) => {
  const made = await makeCluster(t, { settings: { max_prepared_transactions: 2 } })
  await makeTable(made)
  const assessor = makeAssessor(t, made, {}, withPolicy('act'))
  await t.test('a dump, with a change of the table and readers behind it', async (t) => {
    const [dump, change, reader] = [
      await openSession(t, made, 'application', 'pg_dump'),
      await openSession(t, made, 'superuser'),
      await openSession(t, made),
    ]
    await run(dump, 'begin; select * from accounts')
    const changing = run(change, 'alter table accounts add column note text')
    await untilBlocked(assessor, 1)
    const reading = run(reader, 'select * from accounts')
    await untilBlocked(assessor, 2)
    const { assessment } = await assessor.assess()
    t.match(assessment, { cause: 'blocked', response: 'person', notDone: [/it is a backup or dump/] })
    t.match(assessment.evidence.join('\n'), new RegExp(`pid ${change.backendPid} stands first in the queue and keeps 1 from passing`))
    t.comment([assessment.verdict, ...assessment.evidence, ...sqlOf(assessment)].join('\n'))
    await made.psql(sqlOf(assessment)[0] ?? '')
    t.strictSame([await changing, await reading], [false, true], 'the first command lets the reader pass, and the dump go on')
    t.equal(await run(dump, 'commit'), true)
  })

  await t.test('a superuser', async (t) => {
    const [root, waiter] = [await openSession(t, made, 'superuser'), await openSession(t, made)]
    await run(root, 'begin; lock table accounts')
    const waiting = run(waiter, 'select * from accounts')
    await untilBlocked(assessor, 1)
    t.match((await assessor.assess()).assessment, { response: 'person', notDone: [/session of a superuser/] })
    await run(root, 'commit')
    await waiting
  })

  await t.test('a prepared transaction', async (t) => {
    const [owner, waiter] = [await openSession(t, made), await openSession(t, made)]
    await run(owner, 'begin; update accounts set balance = 1 where id = 2')
    await run(owner, `prepare transaction 'order 7'`)
    const waiting = run(waiter, 'update accounts set balance = 2 where id = 2')
    await waitUntil('it waits', async () => {
      const { parties } = await assessor.survey.conflicts(AbortSignal.timeout(5_000))
      return parties.some(({ waitedMs }) => (waitedMs ?? 0) > LIMIT_MS)
    })
    const { assessment } = await assessor.assess()
    t.match(assessment, { cause: 'blocked', response: 'person', verdict: /the prepared transaction order 7 has it/ })
    t.comment([assessment.verdict, ...assessment.evidence, ...sqlOf(assessment)].join('\n'))
    t.strictSame(assessment.commands, [{ sql: `rollback prepared 'order 7' -- or commit prepared`, database: 'app' }])
    await made.psql(sqlOf(assessment)[0] ?? '')
    t.equal(await waiting, true)
  })
})

t.test('new logins hang on a lock of a catalog: told by the held session, who has it and that nobody is served', async (t) => {
  const made = await makeCluster(t)
  const timeoutMs = { service: 8000, connection: 1500, authentication: 1500, latency: 1500, write: 1500, disk: 8000 }
  const assessor = makeAssessor(t, made, { timeoutMs }, withPolicy('observe'))
  await assessor.assess()
  const root = await openSession(t, made, 'superuser')
  await run(root, 'begin; lock table pg_authid in access exclusive mode')
  const { readings, assessment } = await assessor.assess()
  t.match(readings.connection, { verdict: 'fail', reason: 'timeout' })
  t.comment([assessment.verdict, ...assessment.evidence, ...sqlOf(assessment)].join('\n'))
  t.match(assessment, { cause: 'blocked', response: 'person', serving: false })
  t.match(assessment.verdict, new RegExp(`pid ${root.backendPid} `))
  t.equal(await run(root, 'rollback'), true)
})

t.test('the whole daemon: sessions that are blocked though every probe passes', async (t) => {
  const made = await makeCluster(t)
  await makeTable(made)
  const yaml = 'watch: { interval: 1s }\nrecovery: { blockers: { policy: act, limit: 2s } }'
  const { watch, mails } = await startRealDaemon(t, made, yaml)
  const [root, waiter, other] = [await openSession(t, made), await openSession(t, made), await openSession(t, made)]
  await run(root, 'begin; update accounts set balance = 0')
  const waiting = run(waiter, 'update accounts set balance = 5 where id = 1')
  const busy = run(other, 'select pg_sleep(6)')
  t.equal(await waiting, true, 'it goes on')
  await waitUntil('the incident is over', () => watch.state.mode === 'healthy' && watch.recovery === undefined && mails.length >= 2)
  t.equal(await run(root, 'select 1'), false)
  t.equal(await busy, true, 'a statement that blocks nobody is left in peace')
  t.strictSame(
    mails.map(({ subject }) => subject.replace(/ after .*/, '')),
    [
      '[ERROR] db1 test: sessions of PostgreSQL are blocked by a lock, what blocks them is ended (attempt 1 of 3)',
      '[SUCCESS] db1 test: the blocked sessions of PostgreSQL go on',
    ],
  )
  for (const { text } of mails) t.comment(text)
})
