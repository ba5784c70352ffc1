import { chmod, chown, readFile, rename, rm, stat } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import type { ControlConnection, ControlSocket, ListenRequest } from '../../ports/control-socket.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import { connectionOf } from './connection.ts'

/** `sun_path` has 108 bytes with its final NUL; the name that is bound first is 4 bytes longer. */
const LONGEST_PATH = 103
const ANSWER_TIMEOUT_MS = 1_000

function listenError(path: string, code: string, reason: string, hint = ''): OutsideError {
  return new OutsideError({ operation: 'listen on', object: path, code, reason, hint })
}

/** Whether a live server accepts at `path`; a dead one's socket refuses. */
async function isAnswered(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = createConnection(path)
    const settle = (answered: boolean) => {
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => settle(true))
  })
}

async function groupId(name: string): Promise<number | undefined> {
  const groups = await readFile('/etc/group', 'utf8').catch(() => '')
  const fields = groups
    .split('\n')
    .map((line) => line.split(':'))
    .find(([group]) => group === name)
  const id = Number(fields?.[2] ?? Number.NaN)
  return Number.isInteger(id) ? id : undefined
}

/** Gives the socket to the group; where that may not be done, it keeps the group of this process. */
async function giveToGroup(path: string, name: string): Promise<void> {
  const id = await groupId(name)
  if (id === undefined || id === (await stat(path)).gid) return
  await chown(path, -1, id).catch(() => undefined)
}

async function bind(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

/** Bound under another name and renamed, so that nobody finds it before its mode is right. */
async function publish(server: Server, request: ListenRequest): Promise<void> {
  const { path, mode, group } = request
  if (Buffer.byteLength(path) > LONGEST_PATH) {
    throw listenError(path, 'ENAMETOOLONG', `a socket's path has at most ${LONGEST_PATH} bytes`, 'set a shorter runtime_directory')
  }
  if (await isAnswered(path))
    throw listenError(path, 'EADDRINUSE', 'another pgwatchd answers there', 'stop the other one first: systemctl stop pgwatchd')
  const bound = `${path}.new`
  try {
    await rm(bound, { force: true })
    await bind(server, bound)
    await giveToGroup(bound, group)
    await chmod(bound, mode)
    await rename(bound, path)
  } catch (error) {
    server.close()
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw listenError(path, code, error instanceof Error ? error.message : String(error), 'check the owner of runtime_directory')
  }
}

async function close(server: Server, path: string, inode: number, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
  for (const socket of sockets) socket.destroy()
  await closed
  const now = await stat(path).catch(() => undefined)
  if (now?.ino === inode) await rm(path, { force: true })
}

/** The control socket on this host. */
export function createControlSocket(): ControlSocket {
  return {
    async listen(request, onConnection: (connection: ControlConnection) => void) {
      const sockets = new Set<Socket>()
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
        onConnection(connectionOf(socket))
      })
      server.maxConnections = request.maxConnections
      await publish(server, request)
      const { ino } = await stat(request.path)
      return { close: () => close(server, request.path, ino, sockets) }
    },
  }
}
