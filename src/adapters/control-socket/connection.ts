import type { Socket } from 'node:net'
import type { ControlConnection } from '../../ports/control-socket.ts'

type Line = Awaited<ReturnType<ControlConnection['readLine']>>

const NEWLINE = 0x0a

/** Collects what comes until a newline, the end, or more than `maxBytes`. Afterwards everything that comes is dropped. */
async function readLine(socket: Socket, maxBytes: number): Promise<Line> {
  return await new Promise<Line>((resolve) => {
    let collected = Buffer.alloc(0)
    const settle = (line: Line) => {
      socket.removeListener('data', onData)
      socket.resume()
      resolve(line)
    }
    const onData = (chunk: Buffer) => {
      collected = Buffer.concat([collected, chunk])
      const end = collected.indexOf(NEWLINE)
      if (end > maxBytes || (end === -1 && collected.length > maxBytes)) settle({ ok: false, why: 'too-long' })
      else if (end !== -1) settle({ ok: true, line: collected.subarray(0, end).toString('utf8') })
    }
    socket.on('data', onData)
    socket.once('end', () => settle({ ok: false, why: 'closed' }))
    socket.once('close', () => settle({ ok: false, why: 'closed' }))
  })
}

async function writeLine(socket: Socket, line: string): Promise<boolean> {
  if (!socket.writable) return false
  return await new Promise<boolean>((resolve) => {
    socket.write(`${line}\n`, (error) => resolve(error === undefined || error === null))
  })
}

/**
 * A socket as the port's connection. The end of what the client sends looks the same whether it left or only has nothing
 * more to say, so `signal` aborts at it; what is written afterwards is still sent if somebody reads.
 */
export function connectionOf(socket: Socket): ControlConnection {
  const gone = new AbortController()
  socket.once('close', () => gone.abort())
  socket.once('end', () => gone.abort())
  // 'close' follows and tells all there is to tell.
  socket.on('error', () => undefined)
  return {
    signal: gone.signal,
    readLine: (maxBytes) => readLine(socket, maxBytes),
    writeLine: (line) => writeLine(socket, line),
    end: () => void socket.end(() => socket.destroy()),
    destroy: () => void socket.destroy(),
  }
}
