import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { join } from 'node:path'

interface Teardown {
  teardown(handler: () => void): unknown
}

/** A server that speaks as much of PostgreSQL's protocol as a test gives it. */
export interface WireServer {
  readonly socketDirectory: string
  readonly port: number
  /** Resolves with the next message of a client: its first byte as a letter, or `startup`. */
  nextMessage(): Promise<string>
  /** Connections that are open on this side. */
  connections(): Promise<number>
  /** Resolves when the last connection is gone. */
  allGone(): Promise<void>
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

function int32(...numbers: number[]): Buffer {
  return Buffer.concat(
    numbers.map((number) => {
      const bytes = Buffer.alloc(4)
      bytes.writeInt32BE(number)
      return bytes
    }),
  )
}

export const AUTHENTICATION_OK = message('R', int32(0))
export const AUTHENTICATION_GSS = message('R', int32(7))
export const AUTHENTICATION_CLEARTEXT = message('R', int32(3))
export const BACKEND_KEY = message('K', int32(4711, 1))
export const COMMAND_COMPLETE = message('C', Buffer.from('SELECT 0\0'))
export const READY = message('Z', Buffer.from('I'))
/** Everything that a login without password gets. */
export const LOGGED_IN = Buffer.concat([AUTHENTICATION_OK, BACKEND_KEY, READY])

function fields(severity: string, sqlState: string, text: string): Buffer {
  return Buffer.from(`S${severity}\0V${severity}\0C${sqlState}\0M${text}\0\0`)
}

export function errorMessage(severity: string, sqlState: string, text: string): Buffer {
  return message('E', fields(severity, sqlState, text))
}

export function noticeMessage(severity: string, sqlState: string, text: string): Buffer {
  return message('N', fields(severity, sqlState, text))
}

function listen(server: Server, where: 'unix' | 'tcp', path: string): Promise<void> {
  return new Promise((resolve) => (where === 'unix' ? server.listen(path, resolve) : server.listen(0, '127.0.0.1', resolve)))
}

/** Listens on a Unix socket (or on TCP); `answer` is called with each message of a client. */
export async function startWireServer(
  t: Teardown,
  answer: (type: string, socket: Socket) => void,
  where: 'unix' | 'tcp' = 'unix',
): Promise<WireServer> {
  const directory = mkdtempSync('/tmp/pgwatchd-wire-')
  const sockets = new Set<Socket>()
  const received: string[] = []
  let wake = (): void => {}
  const server = createServer((socket) => {
    let started = false
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      wake()
    })
    socket.on('data', (data) => {
      const type = started ? String.fromCharCode(data[0] ?? 0) : 'startup'
      started = true
      received.push(type)
      answer(type, socket)
      wake()
    })
  })
  await listen(server, where, join(directory, '.s.PGSQL.5432'))
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition())
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
    rmSync(directory, { recursive: true, force: true })
  })
  return {
    socketDirectory: directory,
    port: where === 'unix' ? 5432 : (server.address() as AddressInfo).port,
    async nextMessage() {
      await until(() => received.length > 0)
      return received.shift() ?? ''
    },
    connections: async () => sockets.size,
    allGone: () => until(() => sockets.size === 0),
  }
}
