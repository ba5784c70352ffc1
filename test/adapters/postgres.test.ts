import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import t from 'tap'
import { createPostgres } from '../../src/adapters/postgres/postgres.ts'
import type { Login } from '../../src/adapters/postgres/postgres.ts'
import { rememberKeys } from '../../src/adapters/postgres/scram.ts'
import type { Cluster } from '../../src/core/cluster.ts'
import type { Answer, OpenRequest, Session } from '../../src/ports/postgres.ts'
import { createFakeClock } from '../fakes/clock.ts'
import type { WireServer } from '../support/wire-server.ts'
import {
  AUTHENTICATION_CLEARTEXT,
  AUTHENTICATION_GSS,
  COMMAND_COMPLETE,
  errorMessage,
  LOGGED_IN,
  noticeMessage,
  READY,
  startWireServer,
} from '../support/wire-server.ts'

const REQUEST: OpenRequest = { role: 'superuser', timeoutMs: 5000, purpose: 'test' }

function clusterAt(socketDirectory: string, port: number): Cluster {
  return {
    name: 'test',
    majorVersion: 15,
    dataDirectory: '/nowhere',
    binaryDirectory: '/nowhere',
    socketDirectory,
    port,
    configFile: '',
    logFile: '',
    serviceManager: 'pg_ctl',
    unit: '',
  }
}

function clientOf(server: Pick<WireServer, 'socketDirectory' | 'port'>, login: Partial<Login> = {}) {
  const clock = createFakeClock()
  const superuser: Login = { user: 'postgres', database: 'postgres', host: '', password: async () => undefined, ...login }
  return {
    clock,
    postgres: createPostgres({ cluster: clusterAt(server.socketDirectory, server.port), superuser, application: undefined, clock }),
  }
}

async function openSession(client: ReturnType<typeof clientOf>): Promise<Session> {
  const opened = await client.postgres.open(REQUEST)
  if (!opened.ok) throw new Error(opened.failure.message)
  return opened.value
}

function failureOf(answer: Answer<unknown>) {
  if (answer.ok) throw new Error('expected a failure')
  return answer.failure
}

const ignore = (): void => {}
const logIn = (type: string, socket: Socket): void => {
  if (type === 'startup') socket.write(LOGGED_IN)
}

t.test('nothing listens', async (t) => {
  const directory = mkdtempSync('/tmp/pgwatchd-wire-')
  t.teardown(() => rmSync(directory, { recursive: true }))
  const missing = await clientOf({ socketDirectory: directory, port: 5432 }).postgres.open(REQUEST)
  t.match(failureOf(missing), { kind: 'no-socket', stage: 'connect' })
  const refused = await clientOf({ socketDirectory: '127.0.0.1', port: 1 }).postgres.open(REQUEST)
  t.match(failureOf(refused), { kind: 'refused', stage: 'connect' })
})

t.test('a role that is not configured is a failure, and not offered', async (t) => {
  const { postgres } = clientOf({ socketDirectory: '/nowhere', port: 1 })
  t.ok(postgres.has('superuser'))
  t.notOk(postgres.has('application'))
  t.match(failureOf(await postgres.open({ ...REQUEST, role: 'application' })), { kind: 'unreachable' })
})

for (const where of ['unix', 'tcp'] as const) {
  t.test(`a server that accepts and never answers (${where})`, async (t) => {
    const server = await startWireServer(t, ignore, where)
    const { clock, postgres } = clientOf(server, where === 'tcp' ? { host: '127.0.0.1' } : {})
    const opening = postgres.open(REQUEST)
    t.equal(await server.nextMessage(), 'startup')
    await clock.advance(5000)
    t.match(failureOf(await opening), { kind: 'timeout', stage: 'connect', message: 'no session within 5000 ms' })
    await server.allGone()
    t.equal(clock.pendingTimers(), 0)
  })
}

t.test('a server that falls silent in the middle of authentication', async (t) => {
  const server = await startWireServer(t, (type, socket) => {
    if (type === 'startup') socket.write(AUTHENTICATION_CLEARTEXT)
  })
  const { clock, postgres } = clientOf(server, { password: async () => 'secret' })
  const opening = postgres.open(REQUEST)
  t.equal(await server.nextMessage(), 'startup')
  t.equal(await server.nextMessage(), 'p')
  await clock.advance(5000)
  t.match(failureOf(await opening), { kind: 'timeout', stage: 'connect' })
  await server.allGone()
})

t.test('a password that never comes ends at the deadline, one that cannot be read at once', async (t) => {
  const server = await startWireServer(t, (type, socket) => {
    if (type === 'startup') socket.write(AUTHENTICATION_CLEARTEXT)
  })
  const waiting = clientOf(server, { password: () => new Promise(() => {}) })
  const opening = waiting.postgres.open(REQUEST)
  await server.nextMessage()
  await waiting.clock.advance(5000)
  t.match(failureOf(await opening), { kind: 'timeout', stage: 'connect' })
  const unreadable = clientOf(server, { password: () => Promise.reject(new Error('cannot read /etc/secret')) })
  t.match(failureOf(await unreadable.postgres.open(REQUEST)), { kind: 'unreachable', message: 'cannot read /etc/secret' })
  await server.allGone()
})

t.test('a server that never answers a query: the session is destroyed at the deadline', async (t) => {
  const server = await startWireServer(t, logIn)
  const client = clientOf(server)
  const session = await openSession(client)
  let ends = 0
  session.onEnd(() => {
    ends += 1
  })
  t.equal(session.backendPid, 4711)
  const asking = session.query({ text: 'select 1', timeoutMs: 1000 })
  await server.nextMessage()
  t.equal(await server.nextMessage(), 'Q')
  await client.clock.advance(1000)
  t.match(failureOf(await asking), { kind: 'timeout', stage: 'query', message: 'no answer within 1000 ms' })
  await server.allGone()
  t.equal(ends, 1)
  t.match(failureOf(await session.query({ text: 'select 1', timeoutMs: 1000 })), { stage: 'query' })
  await session.close()
  t.equal(client.clock.pendingTimers(), 0)
})

t.test('a statement that was foreseen at the login costs one question, a longer one two', async (t) => {
  const asked: string[] = []
  const server = await startWireServer(t, (type, socket) => {
    asked.push(type)
    socket.write(type === 'startup' ? LOGGED_IN : Buffer.concat([COMMAND_COMPLETE, READY]))
  })
  const client = clientOf(server)
  const opened = await client.postgres.open({ ...REQUEST, longestStatementMs: 9000 })
  if (!opened.ok) throw new Error(opened.failure.message)
  t.match(await opened.value.query({ text: 'select 1', timeoutMs: 9000 }), { ok: true })
  t.strictSame(asked, ['startup', 'Q'])
  t.match(await opened.value.query({ text: 'select 1', timeoutMs: 9001 }), { ok: true })
  t.strictSame(asked, ['startup', 'Q', 'Q', 'Q'])
  await opened.value.close()
})

t.test('a server that ignores the goodbye: close ends after its second', async (t) => {
  const server = await startWireServer(t, logIn)
  const client = clientOf(server)
  const session = await openSession(client)
  session.onEnd(() => t.fail('close is no end by itself'))
  await server.nextMessage()
  const closing = session.close()
  t.equal(await server.nextMessage(), 'X')
  await client.clock.advance(1000)
  await closing
  await server.allGone()
  t.equal(client.clock.pendingTimers(), 0)
})

t.test('an abort ends a login and a query at once, and leaves no listener', async (t) => {
  const server = await startWireServer(t, ignore)
  const silent = clientOf(server)
  const controller = new AbortController()
  const opening = silent.postgres.open(REQUEST, controller.signal)
  await server.nextMessage()
  controller.abort()
  t.match(failureOf(await opening), { kind: 'timeout', stage: 'connect' })
  t.match(failureOf(await silent.postgres.open(REQUEST, controller.signal)), { kind: 'timeout', stage: 'connect' })
  t.equal(silent.clock.pendingTimers(), 0)

  const second = await startWireServer(t, logIn)
  const session = await openSession(clientOf(second))
  const query = new AbortController()
  const asking = session.query({ text: 'select 1', timeoutMs: 1000 }, query.signal)
  query.abort()
  t.match(failureOf(await asking), { kind: 'timeout', stage: 'query' })
  await second.allGone()
})

t.test('the server refuses: its SQLSTATE is kept', async (t) => {
  const server = await startWireServer(t, (_type, socket) =>
    socket.end(errorMessage('FATAL', '57P03', 'the database system is starting up')),
  )
  const { postgres } = clientOf(server)
  t.strictSame(failureOf(await postgres.open(REQUEST)), {
    kind: 'rejected',
    stage: 'connect',
    sqlState: '57P03',
    message: 'the database system is starting up',
  })
})

t.test('the connection ends or speaks nonsense at the login', async (t) => {
  const silent = await startWireServer(t, (_type, socket) => socket.end())
  t.match(failureOf(await clientOf(silent).postgres.open(REQUEST)), { kind: 'lost', stage: 'connect' })
  const nonsense = await startWireServer(t, (_type, socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const speaking = clientOf(nonsense)
  const opening = speaking.postgres.open(REQUEST)
  await nonsense.nextMessage()
  await speaking.clock.advance(5000)
  t.match(failureOf(await opening), { stage: 'connect' })
  const unknown = await startWireServer(t, (_type, socket) => socket.write(AUTHENTICATION_GSS))
  t.match(failureOf(await clientOf(unknown).postgres.open(REQUEST)), { kind: 'unreachable', message: /Unknown authenticationOk/ })
})

t.test('the server dies in mid-query: its last words are kept', async (t) => {
  const server = await startWireServer(t, (type, socket) => {
    if (type === 'startup') socket.write(LOGGED_IN)
    else socket.end(noticeMessage('WARNING', '57P02', 'terminating connection because of crash of another server process'))
  })
  const session = await openSession(clientOf(server))
  const ended = new Promise<void>((resolve) => session.onEnd(resolve))
  const answer = await session.query({ text: 'select 1', timeoutMs: 1000 })
  t.match(failureOf(answer), { kind: 'lost', stage: 'query', sqlState: '57P02' })
  await ended
})

t.test('an idle session that ends by itself is told once, also to a late listener', async (t) => {
  let socket: Socket | undefined
  const server = await startWireServer(t, (type, peer) => {
    socket = peer
    logIn(type, peer)
  })
  const session = await openSession(clientOf(server))
  const notices: string[] = []
  session.onNotice(({ sqlState }) => notices.push(sqlState))
  const ended = new Promise<void>((resolve) => session.onEnd(resolve))
  socket?.write(noticeMessage('WARNING', '01000', 'page verification failed'))
  socket?.end(errorMessage('FATAL', '57P01', 'terminating connection due to administrator command'))
  await ended
  t.strictSame(notices, ['01000'])
  await new Promise<void>((resolve) => session.onEnd(resolve))
  await session.close()
})

t.test('the key of a login is derived once, a failure is not kept, and the memory is bounded', async (t) => {
  let derived = 0
  let failing = false
  const derive = rememberKeys(async () => {
    derived += 1
    if (failing) throw new Error('no crypto')
    return new ArrayBuffer(32)
  })
  const salt = (first: number): Uint8Array => Uint8Array.of(first, 2, 3)
  const key = await derive('secret', salt(1), 4096)
  t.equal(await derive('secret', salt(1), 4096), key)
  t.equal(derived, 1)
  await derive('Secret', salt(1), 4096)
  await derive('secret', salt(9), 4096)
  await derive('secret', salt(1), 8192)
  t.equal(derived, 4)
  failing = true
  await t.rejects(derive('other', salt(1), 4096))
  failing = false
  await derive('other', salt(1), 4096)
  t.equal(derived, 6)
  for (let user = 0; user < 20; user++) await derive('many', salt(user), 4096)
  await derive('secret', salt(1), 4096)
  t.equal(derived, 27)
})
