import { readFileSync, readdirSync } from 'node:fs'
import t from 'tap'
import type { Assessment } from '../../src/core/cause.ts'
import { selectSessions } from '../../src/core/sessions/select-sessions.ts'
import { terminateStatement, terminateUnchangedStatement } from '../../src/core/sessions/statements.ts'
import type { Session } from '../../src/ports/postgres.ts'
import { createWayIn } from '../../src/probes/sessions/way-in.ts'
import type { RecoverySettings } from '../../src/recovery/step.ts'
import { makeGround } from '../recovery/real-ground.ts'
import { SETTINGS } from '../recovery/settings.ts'
import { makeAssessor } from '../support/assessor.ts'
import { makeCluster } from '../support/cluster.ts'
import type { TestCluster } from '../support/cluster.ts'
import { waitUntil } from '../support/cluster-processes.ts'
import { connectTo } from '../support/look.ts'
import { startRealDaemon } from '../support/real-daemon.ts'

t.setTimeout(300_000)

interface Teardown {
  teardown(handler: () => unknown): unknown
}

function withPolicy(changes: Partial<RecoverySettings['sessions']>): RecoverySettings {
  return { ...SETTINGS, sessions: { ...SETTINGS.sessions, ...changes } }
}

/** A session of another program than pgwatchd; `undefined` when it is refused. */
async function openSession(t: Teardown, made: TestCluster, role: 'application' | 'superuser' = 'application', program = 'shop') {
  const opened = await connectTo(made).open({ role, timeoutMs: 10_000, purpose: 'x' })
  if (!opened.ok) return undefined
  t.teardown(() => opened.value.close())
  await opened.value.query({ text: `set application_name = '${program}'`, timeoutMs: 5_000 })
  return opened.value
}

/** Opens idle sessions of the application until one is refused. */
async function flood(t: Teardown, made: TestCluster): Promise<readonly Session[]> {
  const sessions: Session[] = []
  for (let next = await openSession(t, made); next !== undefined; next = await openSession(t, made)) sessions.push(next)
  return sessions
}

async function isAlive(session: Session): Promise<boolean> {
  return (await session.query({ text: 'select 1', timeoutMs: 5_000 })).ok
}

async function begin(session: Session): Promise<void> {
  await session.query({ text: 'begin; select 1', timeoutMs: 5_000 })
}

/** A statement that runs until the test is over. */
function occupy(session: Session): Promise<boolean> {
  return session.query({ text: 'select pg_sleep(600)', timeoutMs: 600_000 }).then(({ ok }) => ok)
}

function sqlOf({ commands = [] }: Assessment): string {
  const [first] = commands
  if (first === undefined || !('sql' in first)) throw new Error('there is no statement')
  return first.sql
}

t.test('a flood with the policy act: the application logs in again, nothing at work is ended, no restart', async (t) => {
  const settings = withPolicy({ idleInTransactionMs: 200 })
  const made = await makeCluster(t, { settings: { max_connections: 20 } })
  const { assess, survey } = makeAssessor(t, made, {}, settings)
  await assess()
  const [inTransaction, active, oldest] = [await openSession(t, made), await openSession(t, made), await openSession(t, made)]
  const dump = await openSession(t, made, 'application', 'pg_dump')
  if (!inTransaction || !active || !oldest || !dump) throw new Error('there was no room to begin with')
  const work = occupy(active)
  await begin(inTransaction)
  const others = await flood(t, made)
  const before = await made.postmasterPid()
  await waitUntil('the session is idle in transaction for long enough', async () => {
    const [row] = (await survey.crowd(AbortSignal.timeout(5_000))).sessions.filter(({ pid }) => pid === inTransaction.backendPid)
    return (row?.stateForMs ?? 0) > 200
  })

  const { assessment } = await assess()
  t.match(assessment, { cause: 'connections-exhausted', response: 'recover', plan: 'remedies' })
  t.comment([assessment.verdict, ...assessment.evidence, sqlOf(assessment)].join('\n'))
  t.match(assessment.evidence.join('\n'), /\d+ of app on app over the socket, idle, for up to/)
  t.match(
    assessment.evidence.join('\n'),
    new RegExp(`pid ${inTransaction.backendPid} of app on app over the socket \\(shop\\), idle in transaction`),
  )
  t.match(assessment.evidence.join('\n'), /running a statement \(1\), of a backup or dump \(1\), pgwatchd's own \(1\)/)

  const { recover, told, ground } = await makeGround(made)
  const startedAt = performance.now()
  const outcome = await recover({ plan: 'remedies', ground: { assessment, settings, sessions: survey } })
  t.comment(`the application could log in, proved, ${Math.round(performance.now() - startedAt)} ms after the remedies began`)
  t.match(outcome, { status: 'succeeded', notDone: [] }, told.join('\n'))
  t.ok(await openSession(t, made), 'the application logs in')
  t.equal(await made.postmasterPid(), before, 'no restart')
  const alive = await Promise.all([isAlive(inTransaction), isAlive(oldest), isAlive(dump), ...others.map(isAlive)])
  t.strictSame(alive, [false, false, true, false, ...others.slice(1).map(() => true)], 'in transaction, then the two longest idle')
  t.equal(await made.psql(`select count(*) from pg_stat_activity where pid = ${active.backendPid} and state = 'active'`), '1')
  const files = readdirSync(ground.incidentDirectory)
  t.match(readFileSync(`${ground.incidentDirectory}/changes.jsonl`, 'utf8'), /sessions-ended.*idle in transaction/)
  t.ok(
    files.some((name) => name.startsWith('sessions-')),
    'who held the slots is kept',
  )
  await made.psql(`select pg_terminate_backend(${active.backendPid})`)
  t.equal(await work, false)
})

t.test('the policy observe ends nothing; its statement ends exactly those that are listed, and only while they are idle', async (t) => {
  const settings = withPolicy({ policy: 'observe' })
  const made = await makeCluster(t, { settings: { max_connections: 10 } })
  const { assess } = makeAssessor(t, made, {}, settings)
  await assess()
  const sessions = await flood(t, made)
  const { assessment } = await assess()
  t.match(assessment, { cause: 'connections-exhausted', response: 'person', notDone: [/policy is observe/] })
  t.strictSame(
    await Promise.all(sessions.slice(3).map(isAlive)),
    sessions.slice(3).map(() => true),
  )
  const [first] = sessions
  if (first === undefined) throw new Error('nobody came in')
  const work = occupy(first)
  await waitUntil(
    'it works',
    async () => (await made.psql(`select state from pg_stat_activity where pid = ${first.backendPid}`)) === 'active',
  )
  const ended = (await made.psql(sqlOf(assessment))).split('\n')
  t.strictSame(ended, [`${sessions[1]?.backendPid}|t`, `${sessions[2]?.backendPid}|t`], 'the one that works by now is spared')
  await made.psql(`select pg_terminate_backend(${first.backendPid})`)
  await work
})

t.test('a pid that was given anew, or a session that did something since, is not met', async (t) => {
  const made = await makeCluster(t)
  const { survey } = makeAssessor(t, made)
  const session = await openSession(t, made)
  const [seen] = (await survey.crowd(AbortSignal.timeout(5_000))).sessions.filter(({ pid }) => pid === session?.backendPid)
  if (session === undefined || seen === undefined) throw new Error('the session is not seen')
  t.equal(await made.psql(terminateStatement([{ ...seen, backendStart: '2026-01-01T00:00:00.000001Z' }], { idle: true })), '')
  await isAlive(session)
  t.equal(await made.psql(terminateUnchangedStatement([seen])), '')
  t.ok(await isAlive(session))
  const [again] = (await survey.crowd(AbortSignal.timeout(5_000))).sessions.filter(({ pid }) => pid === session.backendPid)
  t.equal(
    await made.psql(`set datestyle = 'German'; set timezone = 'Asia/Kathmandu'; ${terminateUnchangedStatement(again ? [again] : [])}`),
    `${session.backendPid}|t`,
  )
})

t.test('the reserved slots are taken as well: the session that the probe holds is the way in', async (t) => {
  const settings = withPolicy({ headroom: 2 })
  const made = await makeCluster(t, { settings: { max_connections: 10 } })
  const { assess, survey, memory } = makeAssessor(t, made, {}, settings)
  await assess()
  t.ok(memory.heldSession)
  await flood(t, made)
  const superusers: Session[] = []
  for (let next = await openSession(t, made, 'superuser'); next !== undefined; next = await openSession(t, made, 'superuser'))
    superusers.push(next)
  const { readings, assessment } = await assess()
  t.match(readings.connection, { verdict: 'fail', evidence: { sqlState: '53300' } })
  t.match(assessment, { cause: 'connections-exhausted', response: 'recover', plan: 'remedies' })
  t.comment([assessment.verdict, ...assessment.evidence].join('\n'))
  const { recover, told } = await makeGround(made)
  t.match(await recover({ plan: 'remedies', ground: { assessment, settings, sessions: survey } }), { status: 'succeeded' }, told.join('\n'))
  t.strictSame(
    await Promise.all(superusers.map(isAlive)),
    superusers.map(() => true),
    'superusers keep their sessions',
  )
  t.ok(await openSession(t, made))
})

t.test('and without a held session a person is told by the titles of the processes, and how to make a place', async (t) => {
  const made = await makeCluster(t, { settings: { max_connections: 6 } })
  const { assess } = makeAssessor(t, made)
  await flood(t, made)
  while ((await openSession(t, made, 'superuser')) !== undefined);
  const { assessment } = await assess()
  t.match(assessment, { cause: 'connections-exhausted', response: 'person', commands: [{ shell: /^sudo kill -TERM \d+ / }] })
  t.match(assessment.evidence.join('\n'), /no superuser session could be had \(53300 sorry, too many clients already\)/)
  t.match(assessment.evidence.join('\n'), /3 of app on app over the socket, idle/)
})

t.test("a role's and a database's own limit are told apart from the server's, and only their sessions are ended", async (t) => {
  const made = await makeCluster(t)
  const { assess, survey } = makeAssessor(t, made, {}, SETTINGS)
  const { recover, told } = await makeGround(made)
  for (const limited of ['role', 'database']) {
    await made.psql(`alter ${limited} app connection limit 4`)
    const sessions = await flood(t, made)
    t.equal(sessions.length, 4)
    const { assessment } = await assess()
    t.match(assessment.verdict, new RegExp(`all 4 connections that ${limited} app may have .* are taken; the server itself has room`))
    const selection = selectSessions(await survey.crowd(AbortSignal.timeout(5_000)))
    t.match(selection, { tightest: { scope: limited, name: 'app', limit: 4, used: 4 }, needed: 2 }, 'half of a small limit')
    t.match(await recover({ plan: 'remedies', ground: { assessment, sessions: survey } }), { status: 'succeeded' }, told.join('\n'))
    t.strictSame(await Promise.all(sessions.map(isAlive)), [false, false, true, true])
    await made.psql(`alter ${limited} app connection limit 0`)
    await Promise.all(sessions.map((session) => session.close()))
    const closed = await assess()
    t.match(closed.assessment, { response: 'person', verdict: /limit of (role|database) app is 0/, notDone: [/set to 0 on purpose/] })
    await made.psql(`alter ${limited} app connection limit -1`)
  }
})

t.test('a login that hangs on a lock of a catalog is met by the held session, which does not wait for that lock', async (t) => {
  const made = await makeCluster(t)
  const { assess, memory } = makeAssessor(t, made)
  await assess()
  const locker = await openSession(t, made, 'superuser')
  await locker?.query({ text: 'begin; lock table pg_authid in access exclusive mode', timeoutMs: 5_000 })
  const wayIn = createWayIn(connectTo(made), () => memory.heldSession)
  const answer = await wayIn.use(AbortSignal.timeout(10_000), (session) => session.query({ text: 'select 1 as one', timeoutMs: 2_000 }))
  t.match(answer, { ok: true, value: [{ one: 1 }] })
  const waiting = await wayIn.use(AbortSignal.timeout(10_000), (session) =>
    session.query({ text: 'select rolname from pg_authid', timeoutMs: 5_000 }),
  )
  t.match(waiting, { ok: false, failure: { sqlState: '55P03' } }, 'it gives up before its deadline, and lives on')
  t.ok(memory.heldSession)
})

/** Milliseconds until the application can log in, asked again and again as its pool would. */
async function clockOutage(made: TestCluster): Promise<number> {
  const startedAt = performance.now()
  await waitUntil('the application can log in', async () => {
    const opened = await connectTo(made).open({ role: 'application', timeoutMs: 5_000, purpose: 'x' })
    if (opened.ok) await opened.value.close()
    return opened.ok
  })
  return performance.now() - startedAt
}

t.test('the whole daemon with the policy act: within 5 s of the first refusal the application logs in again', async (t) => {
  const made = await makeCluster(t, { settings: { max_connections: 30 } })
  const { watch, mails, journal } = await startRealDaemon(t, made, 'recovery: { sessions: { policy: act } }')
  const worker = await openSession(t, made)
  if (worker === undefined) throw new Error('there was no room to begin with')
  const work = occupy(worker)
  const sessions = await flood(t, made)
  const before = await made.postmasterPid()
  const outageMs = await clockOutage(made)
  t.comment(`logged in again ${Math.round(outageMs)} ms after the first refusal`)
  t.ok(outageMs < 5_000, `${Math.round(outageMs)} ms`)
  await waitUntil('the incident is over', () => watch.state.mode === 'healthy' && watch.recovery === undefined)
  t.equal(await made.postmasterPid(), before, 'no restart')
  t.equal(await made.psql(`select state from pg_stat_activity where pid = ${worker.backendPid}`), 'active', 'what was at work is at work')
  const alive = await Promise.all(sessions.map(isAlive))
  t.strictSame(alive.filter((each) => !each).length, 3, 'no more than give back the headroom')
  await waitUntil('both mails are sent', () => mails.length >= 2)
  t.strictSame(
    mails.map(({ subject }) => subject.replace(/after .*/, 'after …')),
    [
      '[ERROR] db1 test: PostgreSQL has no connection left, sessions are ended (attempt 1 of 3)',
      '[SUCCESS] db1 test: the application is served again after …',
    ],
  )
  for (const { text } of mails) t.comment(text)
  t.notOk(journal.some(({ event }) => event === 'bug'))
  await made.psql(`select pg_terminate_backend(${worker.backendPid})`)
  await work
})

for (const [busy, mode] of [
  [4, 'healthy'],
  [6, 'waiting'],
] as const) {
  t.test(`the whole daemon over ${busy} sessions that are always at work ends none of them (${mode})`, async (t) => {
    const made = await makeCluster(t, { settings: { max_connections: 10 } })
    const { watch, mails, journal } = await startRealDaemon(t, made, 'watch: { interval: 1s }\nrecovery: { sessions: { policy: act } }')
    const sessions = await Promise.all(Array.from({ length: busy }, () => openSession(t, made)))
    const work = new AbortController()
    const working = sessions.map(async (session) => {
      while (!work.signal.aborted) await session?.query({ text: 'begin; select pg_sleep(0.01); commit', timeoutMs: 5_000 })
    })
    const ticked = watch.lastTickMonotonicMs
    await waitUntil('it has looked for a while', () => watch.lastTickMonotonicMs > ticked + 6_000)
    t.equal(watch.state.mode, mode)
    work.abort()
    await Promise.all(working)
    t.strictSame(
      await Promise.all(sessions.map(async (session) => session !== undefined && (await isAlive(session)))),
      sessions.map(() => true),
    )
    t.strictSame(
      journal.filter(({ event }) => event.startsWith('step-')),
      [],
      'no act',
    )
    if (mode === 'waiting') t.match(mails[0]?.text, /no session was ended: none of them may be/)
    else t.strictSame(mails, [])
  })
}
