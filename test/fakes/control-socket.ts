import type { ControlConnection, ControlSocket } from '../../src/ports/control-socket.ts'

export interface FakeControlSocket extends ControlSocket {
  /** Sends one line as a client that leaves when `signal` aborts; resolves to the lines of the answer once the server ends. */
  ask(line: string, signal?: AbortSignal): Promise<readonly string[]>
}

/** A socket in memory, with one server at most. */
export function createFakeControlSocket(): FakeControlSocket {
  let serve: ((connection: ControlConnection) => void) | undefined
  return {
    async listen(_request, onConnection) {
      serve = onConnection
      return { close: async () => void (serve = undefined) }
    },
    async ask(line, signal = new AbortController().signal) {
      if (serve === undefined) throw new Error('nobody listens on the control socket')
      const ended = Promise.withResolvers<readonly string[]>()
      const lines: string[] = []
      const end = (): void => ended.resolve(lines)
      serve({
        signal,
        readLine: async () => ({ ok: true, line }),
        async writeLine(answer) {
          if (!signal.aborted) lines.push(answer)
          return !signal.aborted
        },
        end,
        destroy: end,
      })
      return ended.promise
    },
  }
}
