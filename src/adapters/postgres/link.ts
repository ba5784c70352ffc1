import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Client } from 'pg'
import type { ClientConfig } from 'pg'

export interface Notice {
  readonly severity: string
  readonly sqlState: string
  readonly message: string
}

/** A client of `pg` with the socket under it, so that it can be cut at any moment: `Client.end` waits for the server. */
export interface Link {
  readonly client: Client
  /** What the server said of its own accord before it closed the connection: class 57, operator intervention. */
  lastWords(): Notice | undefined
  onNotice(listener: (notice: Notice) => void): void
  onEnd(listener: () => void): void
  /** True once the connection is over, whoever ended it. */
  ended(): boolean
  destroy(): void
}

interface RawNotice {
  readonly severity?: string | undefined
  readonly code?: string | undefined
  readonly message?: string | undefined
}

function toNotice(raw: RawNotice): Notice {
  return { severity: raw.severity ?? '', sqlState: raw.code ?? '', message: raw.message ?? '' }
}

/** `pg` throws out of its parser, into the event loop, at a message it does not know (GSSAPI is one): that ends the connection. */
function guard(stream: Duplex): void {
  const emit = stream.emit.bind(stream)
  stream.emit = (event: string, ...values: unknown[]): boolean => {
    if (event !== 'data') return emit(event, ...values)
    try {
      return emit(event, ...values)
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error(String(error)))
      return true
    }
  }
}

/** What the types of `pg` leave out: the connection below the client, whose stream TLS replaces. */
interface WithConnection {
  readonly connection: { readonly stream: Duplex; once(event: 'sslconnect', listener: () => void): unknown }
}

/** Makes a client that is not connected yet. No event of it or of its socket can become an uncaught error. */
export function createLink(config: ClientConfig): Link {
  const socket = new Socket()
  const client = new Client({ ...config, stream: () => socket })
  const { connection } = client as unknown as WithConnection
  guard(socket)
  connection.once('sslconnect', () => guard(connection.stream))
  let lastWords: Notice | undefined
  let ended = false
  const remember = (raw: RawNotice): void => {
    const notice = toNotice(raw)
    if (notice.sqlState.startsWith('57P')) lastWords = notice
  }
  client.on('error', (error: RawNotice) => remember(error))
  client.on('notice', (notice: RawNotice) => remember(notice))
  socket.on('error', () => {})
  socket.once('close', () => (ended = true))
  return {
    client,
    lastWords: () => lastWords,
    onNotice: (listener) => void client.on('notice', (notice: RawNotice) => listener(toNotice(notice))),
    onEnd: (listener) => void socket.once('close', listener),
    ended: () => ended,
    destroy: () => void socket.destroy(),
  }
}
