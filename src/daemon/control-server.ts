import type { Clock } from '../ports/clock.ts'
import type { ControlConnection, ControlSocket } from '../ports/control-socket.ts'
import type { Log } from '../ports/log.ts'
import type { ControlAnswer, ControlRequest } from './control-protocol.ts'
import { parseControlRequest } from './control-request.ts'

const MAX_REQUEST_BYTES = 64 * 1024
const MAX_CONNECTIONS = 16
/** A client sends its one line at once; one that does not is not waited for. */
const REQUEST_TIMEOUT_MS = 5_000
/** A client that does not take an answer for this long is gone for all purposes. */
const ANSWER_TIMEOUT_MS = 10_000
const SOCKET_MODE = 0o660
const SOCKET_GROUP = 'postgres'

type Refusal = Extract<ControlAnswer, { type: 'done'; ok: false }>

export interface ControlServerOptions {
  /** `<runtime_directory>/control.sock` */
  readonly path: string
  readonly socket: ControlSocket
  /** Answers one request; the last answer is `done`. `signal` aborts when the client leaves or the server closes. */
  handle(request: ControlRequest, signal: AbortSignal): AsyncIterable<ControlAnswer>
  readonly log: Log
  readonly clock: Clock
}

function refusal(code: string, text: string, hint = ''): Refusal {
  return { type: 'done', ok: false, code, text, hint }
}

/** Whether the client took the answer in time. */
async function answer(connection: ControlConnection, clock: Clock, value: ControlAnswer): Promise<boolean> {
  const written = await clock.withDeadline(ANSWER_TIMEOUT_MS, undefined, () => connection.writeLine(JSON.stringify(value)))
  return !written.timedOut && written.value
}

async function readRequest(connection: ControlConnection, clock: Clock): Promise<ControlRequest | Refusal | undefined> {
  const read = await clock.withDeadline(REQUEST_TIMEOUT_MS, undefined, () => connection.readLine(MAX_REQUEST_BYTES))
  if (read.timedOut) return refusal('refused', `no request came within ${REQUEST_TIMEOUT_MS / 1_000} s`)
  if (read.value.ok) {
    const parsed = parseControlRequest(read.value.line)
    return parsed.ok ? parsed.request : refusal('refused', parsed.why)
  }
  return read.value.why === 'closed' ? undefined : refusal('refused', `the request is longer than ${MAX_REQUEST_BYTES} bytes`)
}

/** Passes every answer on, and closes what is left with a `done` of its own when the handler forgot it or threw. */
async function carryOut(
  options: ControlServerOptions,
  connection: ControlConnection,
  request: ControlRequest,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const value of options.handle(request, signal)) {
      if (!(await answer(connection, options.clock, value)) || value.type === 'done') return
    }
    await answer(connection, options.clock, refusal('failed', `${request.command} ended without an answer`))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const message = `Request "${request.command}" failed: ${reason}`
    options.log.write({ level: 'err', event: 'control-request-failed', message, fields: { command: request.command } })
    await answer(
      connection,
      options.clock,
      refusal('failed', `${request.command} failed: ${reason}`, 'more is in: journalctl -u pgwatchd -n 50'),
    )
  }
}

async function serve(options: ControlServerOptions, connection: ControlConnection, closing: AbortSignal): Promise<void> {
  const request = await readRequest(connection, options.clock)
  if (request !== undefined && 'type' in request) await answer(connection, options.clock, request)
  else if (request !== undefined) await carryOut(options, connection, request, AbortSignal.any([connection.signal, closing]))
  connection.end()
}

/**
 * Answers operators on the control socket, one request per connection. `close` aborts the requests under way, lets them
 * end, and removes the socket. Rejects with `OutsideError` when it cannot listen.
 */
export async function startControlServer(options: ControlServerOptions): Promise<{ close(): Promise<void> }> {
  const closing = new AbortController()
  const underWay = new Set<Promise<void>>()
  const listening = await options.socket.listen(
    { path: options.path, mode: SOCKET_MODE, group: SOCKET_GROUP, maxConnections: MAX_CONNECTIONS },
    (connection) => {
      const served = serve(options, connection, closing.signal)
        .catch((error: unknown) => {
          options.log.write({ level: 'err', event: 'control-connection-failed', message: `A control connection failed: ${String(error)}` })
          connection.destroy()
        })
        .finally(() => underWay.delete(served))
      underWay.add(served)
    },
  )
  return {
    async close() {
      closing.abort()
      await options.clock.withDeadline(ANSWER_TIMEOUT_MS, undefined, () => Promise.all(underWay))
      await listening.close()
    },
  }
}
