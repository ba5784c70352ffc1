import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { ControlAnswer, ControlRequest } from '../daemon/control-protocol.ts'

/** Why the daemon could not be asked. */
export class ControlFailure extends Error {
  override readonly name = 'ControlFailure'
  /** `absent`: no socket, or nobody listens; `forbidden`: its permissions; `lost`: it ended in the middle; `silent`: no answer in time. */
  readonly kind: 'absent' | 'forbidden' | 'lost' | 'silent'

  constructor(kind: ControlFailure['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

function failureOf(error: NodeJS.ErrnoException, path: string): ControlFailure {
  if (error.code === 'ENOENT') return new ControlFailure('absent', `no socket at ${path}`)
  if (error.code === 'ECONNREFUSED') return new ControlFailure('absent', `nobody listens at ${path}`)
  if (error.code === 'EACCES' || error.code === 'EPERM') return new ControlFailure('forbidden', `permission denied on ${path}`)
  return new ControlFailure('lost', `the connection to ${path} broke: ${error.message}`)
}

function isAnswer(value: unknown): value is ControlAnswer {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

function parseAnswer(line: string, path: string): ControlAnswer {
  try {
    const value: unknown = JSON.parse(line)
    if (isAnswer(value)) return value
  } catch {
    // Told below, like any other answer that is none.
  }
  throw new ControlFailure('lost', `what answers at ${path} is not pgwatchd: ${line.slice(0, 80)}`)
}

function connect(path: string, silenceMs: number): { socket: Socket; failed: Promise<never> } {
  const socket = createConnection(path)
  const failed = new Promise<never>((_, reject) => {
    socket.once('error', (error) => reject(failureOf(error, path)))
    socket.setTimeout(silenceMs, () => reject(new ControlFailure('silent', `no answer from ${path} within ${silenceMs / 1_000} s`)))
  })
  failed.catch(() => undefined)
  return { socket, failed }
}

/**
 * Asks the daemon at the socket `path`; yields every answer, `done` last. Throws `ControlFailure` when it cannot be
 * reached, ends in the middle, or says nothing for `silenceMs`. Leaving the loop early tells the daemon to stop.
 */
export async function* askDaemon(path: string, request: ControlRequest, silenceMs: number): AsyncGenerator<ControlAnswer, void, void> {
  const { socket, failed } = connect(path, silenceMs)
  const lines = createInterface({ input: socket, crlfDelay: Infinity })[Symbol.asyncIterator]()
  socket.write(`${JSON.stringify(request)}\n`)
  try {
    for (;;) {
      const next = await Promise.race([lines.next(), failed])
      if (next.done === true) throw new ControlFailure('lost', `the connection to ${path} ended before the answer was complete`)
      const answer = parseAnswer(next.value, path)
      yield answer
      if (answer.type === 'done') return
    }
  } finally {
    socket.destroy()
  }
}
