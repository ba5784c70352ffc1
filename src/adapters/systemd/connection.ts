import { createConnection } from 'node:net'
import type { Clock } from '../../ports/clock.ts'
import { OutsideError } from '../../ports/outside-error.ts'

/** One method call on the system bus. `signature` is D-Bus's own, such as `ss`. */
export interface BusCall {
  readonly destination: string
  readonly path: string
  readonly interface: string
  readonly member: string
  readonly signature?: string
  readonly body?: readonly unknown[]
}

/** A signal as it comes from the bus. */
export interface BusSignal {
  readonly path: string
  readonly interface: string
  readonly member: string
}

/** One connection to the system bus. It ends once, and is then of no further use. */
export interface BusConnection {
  /**
   * The reply's arguments. Rejects with `OutsideError`: the bus's own error name, `aborted` when the connection ends, or
   * `timeout`; a call that is not answered ends the connection, so that the next one is made on a fresh one.
   */
  call(call: BusCall, timeoutMs: number): Promise<readonly unknown[]>
  onSignal(listener: (signal: BusSignal) => void): void
  /** Aborts when the connection ends, for whatever reason. */
  readonly ended: AbortSignal
  close(): void
}

export const SYSTEM_BUS_SOCKET = '/run/dbus/system_bus_socket'

const SIGNAL_MESSAGE = 4

interface BusError {
  readonly name: string
  readonly message: unknown
}

function toOutsideError(call: BusCall, error: BusError): OutsideError {
  const reason = typeof error.message === 'string' && error.message !== '' ? error.message : error.name
  return new OutsideError({ operation: `call ${call.member} on`, object: call.destination, code: error.name, reason })
}

function endedError(call: BusCall): OutsideError {
  const reason = 'the connection to the system bus ended'
  return new OutsideError({ operation: `call ${call.member} on`, object: call.destination, code: 'aborted', reason })
}

function timeoutError(call: BusCall, timeoutMs: number): OutsideError {
  const reason = `no answer within ${timeoutMs} ms`
  return new OutsideError({ operation: `call ${call.member} on`, object: call.destination, code: 'timeout', reason })
}

/**
 * Connects to the bus at `socketPath` as the user of this process. Returns before the bus has answered: a bus that is
 * not there ends the connection, and every call on it is rejected.
 */
export async function openBusConnection(socketPath: string, clock: Clock): Promise<BusConnection> {
  const { createClient } = await import('@homebridge/dbus-native')
  const ended = new AbortController()
  const stream = createConnection(socketPath)
  const client = createClient({ stream, authMethods: ['EXTERNAL'] })
  const end = () => {
    stream.destroy()
    ended.abort()
  }
  client.connection.on('error', end)
  stream.on('close', end)

  const invoke = (call: BusCall, signal: AbortSignal) =>
    new Promise<readonly unknown[]>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(endedError(call)), { once: true })
      client.invoke({ ...call }, (error, ...body: unknown[]) => (error ? reject(toOutsideError(call, error)) : resolve(body)))
    })

  return {
    ended: ended.signal,
    close: end,
    onSignal(listener) {
      client.connection.on('message', (message: BusSignal & { type: number }) => {
        if (message.type === SIGNAL_MESSAGE) listener(message)
      })
    },
    async call(call, timeoutMs) {
      if (ended.signal.aborted) throw endedError(call)
      const answer = await clock.withDeadline(timeoutMs, ended.signal, (signal) => invoke(call, signal))
      if (!answer.timedOut) return answer.value
      end()
      throw timeoutError(call, timeoutMs)
    },
  }
}
