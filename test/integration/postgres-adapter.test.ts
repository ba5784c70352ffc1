import { readFile, writeFile } from 'node:fs/promises'
import t from 'tap'
import { createClock } from '../../src/adapters/clock/clock.ts'
import { createPostgres } from '../../src/adapters/postgres/postgres.ts'
import type { OpenRequest, Postgres, Session } from '../../src/ports/postgres.ts'
import { APPLICATION_PASSWORD, makeCluster } from '../support/cluster.ts'
import type { TestCluster } from '../support/cluster.ts'
import { waitUntil } from '../support/cluster-processes.ts'
import { connectTo } from '../support/look.ts'

// A machine that runs other tests at the same time is slow; no time is judged here.
t.setTimeout(300_000)

const REQUEST: OpenRequest = { role: 'superuser', timeoutMs: 5000, purpose: 'test' }

async function openSession(postgres: Postgres, request: Partial<OpenRequest> = {}): Promise<Session> {
  const opened = await postgres.open({ ...REQUEST, ...request })
  if (!opened.ok) throw new Error(opened.failure.message)
  return opened.value
}

async function ask(session: Session, text: string, values?: readonly unknown[]): Promise<unknown> {
  const answer = await session.query({ text, timeoutMs: 5000, ...(values === undefined ? {} : { values }) })
  if (!answer.ok) throw new Error(`${answer.failure.sqlState} ${answer.failure.message}`)
  return answer.value
}

const countSessions = (made: TestCluster, purpose: string): Promise<string> =>
  made.psql(`select count(*) from pg_stat_activity where application_name = 'pgwatchd/${purpose}'`)

t.test('a real server', async (t) => {
  const made = await makeCluster(t, { authentication: 'scram-sha-256', tcp: true })
  const postgres = connectTo(made)

  t.test('sessions: who, where, with which settings', async (t) => {
    const session = await openSession(postgres, { database: 'app', settings: { default_transaction_read_only: 'on', 'my.own': 'a b\\c' } })
    t.strictSame(await ask(session, `select current_user as who, current_database() as db, pg_backend_pid() as pid`), [
      { who: 'postgres', db: 'app', pid: session.backendPid },
    ])
    t.strictSame(await ask(session, `select current_setting('application_name') as name`), [{ name: 'pgwatchd/test' }])
    t.strictSame(await ask(session, 'show default_transaction_read_only'), [{ default_transaction_read_only: 'on' }])
    t.strictSame(await ask(session, `select current_setting('my.own') as setting`), [{ setting: 'a b\\c' }])
    t.strictSame(await ask(session, 'select $1::int + 1 as n', [41]), [{ n: 42 }])
    t.strictSame(await ask(session, 'select 1 as a; select 2 as b'), [{ b: 2 }])
    await session.close()
    await session.close()
    await waitUntil('the backend is gone', async () => (await countSessions(made, 'test')) === '0')
  })

  t.test('the same login by TCP', async (t) => {
    const login = { user: 'app', database: 'app', host: '127.0.0.1', password: async () => APPLICATION_PASSWORD }
    const byTcp = createPostgres({ cluster: made.cluster, superuser: login, application: login, clock: createClock() })
    const session = await openSession(byTcp, { role: 'application' })
    t.strictSame(await ask(session, 'select current_user as who'), [{ who: 'app' }])
    await session.close()
  })

  t.test('by TCP where pg_hba.conf insists on TLS', async (t) => {
    const { dataDirectory } = made.cluster
    const key = ['-keyout', `${dataDirectory}/server.key`, '-out', `${dataDirectory}/server.crt`]
    await made.runAsOwner('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=test', '-days', '1', ...key])
    await made.configure({ ssl: 'on' })
    const rules = `${dataDirectory}/pg_hba.conf`
    const before = await readFile(rules, 'utf8')
    await writeFile(rules, before.replaceAll(/^host /gm, 'hostssl '))
    await made.psql('select pg_reload_conf()')
    const login = { user: 'app', database: 'app', host: '127.0.0.1', password: async () => APPLICATION_PASSWORD }
    const byTcp = createPostgres({
      cluster: made.cluster,
      superuser: login,
      application: { ...login, user: 'nobody' },
      clock: createClock(),
    })
    for (let time = 0; time < 2; time++) {
      const session = await openSession(byTcp)
      t.strictSame(await ask(session, 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'), [{ ssl: true }])
      t.match(await session.query({ text: 'select pg_sleep(60)', timeoutMs: 50 }), { ok: false, failure: { kind: 'timeout' } })
      await session.close()
    }
    t.match(await byTcp.open({ ...REQUEST, role: 'application' }), { ok: false, failure: { kind: 'rejected', sqlState: '28P01' } })
    await writeFile(rules, before.replaceAll(/^host /gm, '# '))
    await made.psql('select pg_reload_conf()')
    await waitUntil('the rules are read', async () => {
      const opened = await byTcp.open(REQUEST)
      if (opened.ok) await opened.value.close()
      return !opened.ok && opened.failure.sqlState === '28000'
    })
    await writeFile(rules, before)
    await made.psql('select pg_reload_conf()')
  })

  t.test('a statement fails, and the session goes on', async (t) => {
    const session = await openSession(postgres)
    const answer = await session.query({ text: 'select 1/0', timeoutMs: 1000 })
    t.match(answer, { ok: false, failure: { kind: 'rejected', stage: 'query', sqlState: '22012' } })
    t.strictSame(await ask(session, 'select 1 as one'), [{ one: 1 }])
    await session.close()
  })

  t.test('notices are heard', async (t) => {
    const session = await openSession(postgres)
    const heard: string[] = []
    session.onNotice(({ severity, sqlState, message }) => heard.push(`${severity} ${sqlState} ${message}`))
    await ask(session, `do $$ begin raise warning 'careful'; end $$`)
    t.strictSame(heard, ['WARNING 01000 careful'])
    await session.close()
  })

  t.test('a statement beyond its deadline, and one given up, leave no backend at work', async (t) => {
    for (const give of ['deadline', 'abort'] as const) {
      const session = await openSession(postgres, { purpose: give })
      const controller = new AbortController()
      const asking = session.query({ text: 'select pg_sleep(60)', timeoutMs: give === 'deadline' ? 100 : 60_000 }, controller.signal)
      if (give === 'abort') controller.abort()
      t.match(await asking, { ok: false, failure: { kind: 'timeout', stage: 'query' } })
      await waitUntil('the backend is gone', async () => (await countSessions(made, give)) === '0')
    }
  })

  t.test('a statement may take longer than the login was given', async (t) => {
    const session = await openSession(postgres, { timeoutMs: 2000 })
    t.strictSame(await ask(session, 'show statement_timeout'), [{ statement_timeout: '6s' }])
    const answer = await session.query({ text: `select pg_sleep(0.01), current_setting('statement_timeout') as t`, timeoutMs: 600_000 })
    t.match(answer, { ok: true, value: [{ t: '601s' }] })
    await session.close()
    const long = await openSession(postgres, { timeoutMs: 2000, longestStatementMs: 600_000 })
    t.strictSame(await ask(long, 'show statement_timeout'), [{ statement_timeout: '601s' }])
    await long.close()
    const own = await openSession(postgres, { settings: { statement_timeout: '77s' } })
    t.strictSame(await ask(own, 'show statement_timeout'), [{ statement_timeout: '77s' }])
    await own.close()
  })

  t.test('an administrator ends a session', async (t) => {
    const session = await openSession(postgres)
    const ended = new Promise<void>((resolve) => session.onEnd(resolve))
    await made.psql(`select pg_terminate_backend(${session.backendPid})`)
    await ended
    t.match(await session.query({ text: 'select 1', timeoutMs: 1000 }), {
      ok: false,
      failure: { stage: 'query', kind: 'lost', sqlState: '57P01' },
    })
    await session.close()
  })

  t.test('no descriptor is left open after many logins of every outcome', async (t) => {
    const wrong = connectTo(made, { password: async () => 'wrong' })
    const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'PipeWrap').length
    const before = sockets()
    for (let turn = 0; turn < 30; turn++) {
      t.match(await wrong.open({ ...REQUEST, role: 'application' }), { ok: false, failure: { sqlState: '28P01' } })
      await (await openSession(postgres)).close()
    }
    await waitUntil('sockets are closed', () => sockets() <= before)
  })
})
