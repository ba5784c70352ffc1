import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { Test } from 'tap'
import { createClock } from '../../src/adapters/clock/clock.ts'
import { createControlSocket } from '../../src/adapters/control-socket/control-socket.ts'
import { askDaemon, ControlFailure } from '../../src/cli/control-client.ts'
import type { ControlAnswer, ControlRequest } from '../../src/daemon/control-protocol.ts'
import { parseControlRequest } from '../../src/daemon/control-request.ts'
import { startControlServer } from '../../src/daemon/control-server.ts'
import type { ControlServerOptions } from '../../src/daemon/control-server.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { createFakeClock } from '../fakes/clock.ts'
import { createFakeLog } from '../fakes/log.ts'
import type { FakeLog } from '../fakes/log.ts'

type Handle = ControlServerOptions['handle']

/** The socket that a killed server leaves behind. */
async function deadSocket(test: Test): Promise<string> {
  const path = join(temporaryDirectory(test), 'dead.sock')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(`${path}.bound`, resolve))
  renameSync(`${path}.bound`, path)
  await new Promise<unknown>((resolve) => server.close(resolve))
  return path
}

const DONE: ControlAnswer = { type: 'done', ok: true, text: 'done' }

async function* finish(): AsyncGenerator<ControlAnswer> {
  yield DONE
}

interface Started {
  readonly path: string
  readonly log: FakeLog
  close(): Promise<void>
}

/** A short path: a Unix socket's has at most 107 bytes. */
function temporaryDirectory(test: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'control-'))
  test.teardown(() => rmSync(directory, { recursive: true }))
  return directory
}

async function start(
  test: Test,
  handle: Handle,
  path = join(temporaryDirectory(test), 'control.sock'),
  clock: Clock = createClock(),
): Promise<Started> {
  const log = createFakeLog()
  const server = await startControlServer({ path, socket: createControlSocket(), handle, log, clock })
  test.teardown(() => server.close())
  return { path, log, close: () => server.close() }
}

async function collect(path: string, request: ControlRequest): Promise<readonly ControlAnswer[]> {
  const answers: ControlAnswer[] = []
  for await (const answer of askDaemon(path, request, 5_000)) answers.push(answer)
  return answers
}

/** Sends raw bytes and resolves to all that comes back. */
async function sendRaw(path: string, bytes: string): Promise<string> {
  const socket = createConnection(path)
  socket.write(bytes)
  return await text(socket)
}

t.test('every answer arrives in order, and the request as it was sent', async (test) => {
  const requests: ControlRequest[] = []
  const { path } = await start(test, async function* (request) {
    requests.push(request)
    yield { type: 'progress', text: 'one' }
    yield { type: 'progress', text: 'two' }
    yield DONE
  })
  const request: ControlRequest = { command: 'pause', cluster: '15-main', forMs: 1_000, by: 'root' }
  test.strictSame(await collect(path, request), [{ type: 'progress', text: 'one' }, { type: 'progress', text: 'two' }, DONE])
  test.strictSame(requests, [request])
})

t.test('the socket has its mode whatever the umask, and goes when the server closes', async (test) => {
  const before = process.umask(0o177)
  test.teardown(() => process.umask(before))
  const { path, close } = await start(test, finish)
  process.umask(before)
  test.equal(statSync(path).mode & 0o777, 0o660)
  test.notOk(existsSync(`${path}.new`))
  await close()
  test.notOk(existsSync(path))
})

t.test('a request that is none is refused with the reason', async (test) => {
  const { path } = await start(test, () => {
    throw new Error('must not be reached')
  })
  const cases: readonly (readonly [string, RegExp])[] = [
    ['nonsense\n', /no JSON object/],
    ['[]\n', /no JSON object/],
    ['{"command":"shutdown"}\n', /unknown command; there are: status, probe/],
    ['{"command":"constructor"}\n', /unknown command/],
    ['{"command":"status","extra":1}\n', /unknown field extra/],
    ['{"command":"recover"}\n', /field planOnly: expected true or false/],
    ['{"command":"pause","by":"a\\nb"}\n', /field by: expected one line/],
    ['{"command":"pause","by":"a","forMs":-1}\n', /field forMs: expected a whole number above 0/],
    [`{"command":"${'x'.repeat(70_000)}`, /longer than 65536 bytes/],
  ]
  for (const [bytes, expected] of cases) {
    const answer: unknown = JSON.parse(await sendRaw(path, bytes))
    test.match(answer, { type: 'done', ok: false, code: 'refused', text: expected }, bytes.slice(0, 60))
  }
})

t.test('a handler that throws or forgets its answer still ends with done', async (test) => {
  const { path, log } = await start(test, async function* (request): AsyncGenerator<ControlAnswer> {
    if (request.command === 'reload') throw new Error('no such thing')
    yield { type: 'progress', text: 'begun' }
  })
  test.match(await collect(path, { command: 'status' }), [
    { type: 'progress' },
    { type: 'done', ok: false, code: 'failed', text: /without an answer/ },
  ])
  test.match(await collect(path, { command: 'reload' }), [{ type: 'done', ok: false, code: 'failed', text: /no such thing/ }])
  test.match(log.entries, [{ level: 'err', event: 'control-request-failed' }])
})

t.test('a client that leaves aborts its request', async (test) => {
  const aborted = Promise.withResolvers<void>()
  const { path } = await start(test, async function* (_request, signal): AsyncGenerator<ControlAnswer> {
    signal.addEventListener('abort', () => aborted.resolve())
    yield { type: 'progress', text: 'begun' }
    await aborted.promise
    yield DONE
  })
  for await (const answer of askDaemon(path, { command: 'status' }, 5_000)) {
    test.equal(answer.type, 'progress')
    break
  }
  await aborted.promise
})

t.test('a client that says nothing is sent away, and one too many is not let in', async (test) => {
  const clock = createFakeClock()
  const { path } = await start(test, finish, undefined, clock)
  const silent = Array.from({ length: 16 }, () => createConnection(path))
  const replies = silent.map((socket) => text(socket))
  while (clock.pendingTimers() < silent.length) await new Promise(setImmediate)
  test.equal(await text(createConnection(path)), '', 'the 17th')
  await clock.advance(5_000)
  for (const reply of await Promise.all(replies)) test.match(JSON.parse(reply), { ok: false, text: 'no request came within 5 s' })
})

t.test('closing aborts what is under way and lets it say so', async (test) => {
  const begun = Promise.withResolvers<void>()
  const { path, close } = await start(test, async function* (_request, signal): AsyncGenerator<ControlAnswer> {
    const stopped = new Promise((resolve) => signal.addEventListener('abort', resolve))
    begun.resolve()
    await stopped
    yield { type: 'done', ok: false, code: 'failed', text: 'stopping', hint: '' }
  })
  const answers = collect(path, { command: 'status' })
  await begun.promise
  await close()
  test.match(await answers, [{ type: 'done', ok: false, text: 'stopping' }])
})

t.test('a socket that nobody answers is replaced, one that is answered is not', async (test) => {
  const first = await start(test, finish)
  await test.rejects(start(test, finish, first.path), {
    name: 'OutsideError',
    code: 'EADDRINUSE',
    message: /another pgwatchd answers there/,
  })
  test.strictSame(await collect(first.path, { command: 'status' }), [DONE], 'the first one still serves')

  const stale = await deadSocket(test)
  await start(test, finish, stale)
  test.strictSame(await collect(stale, { command: 'status' }), [DONE])
})

t.test('a path that cannot be listened on is told of', async (test) => {
  await test.rejects(start(test, finish, join(temporaryDirectory(test), 'missing', 'control.sock')), {
    name: 'OutsideError',
    hint: /runtime_directory/,
  })
  const deep = join(temporaryDirectory(test), 'x'.repeat(110))
  mkdirSync(deep)
  await test.rejects(start(test, finish, join(deep, 'control.sock')), { code: 'ENAMETOOLONG' })
})

t.test('the client tells an absent daemon from a broken answer', async (test) => {
  const directory = temporaryDirectory(test)
  const kindOf = async (path: string, silenceMs = 5_000) => {
    try {
      for await (const answer of askDaemon(path, { command: 'status' }, silenceMs)) if (answer.type === 'done') return 'answered'
      return 'ended'
    } catch (error) {
      return error instanceof ControlFailure ? error.kind : error
    }
  }
  const serve = async (name: string, reply: string | undefined) => {
    const server = createServer((socket) => (reply === undefined ? undefined : socket.end(reply)))
    const path = join(directory, name)
    await new Promise<void>((resolve) => server.listen(path, resolve))
    test.teardown(() => server.close())
    return path
  }
  test.equal(await kindOf(join(directory, 'none')), 'absent')
  test.equal(await kindOf(await deadSocket(test)), 'absent')
  test.equal(await kindOf(await serve('half', '{"type":"progress","text":"x"}\n')), 'lost')
  test.equal(await kindOf(await serve('other', 'HTTP/1.1 400 Bad Request\n')), 'lost')
  test.equal(await kindOf(await serve('mute', undefined), 50), 'silent')
})

t.test('a well-formed request passes unchanged', async (test) => {
  const request = { command: 'recover', planOnly: true }
  test.strictSame(parseControlRequest(JSON.stringify(request)), { ok: true, request })
})
