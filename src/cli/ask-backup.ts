import type { ControlRequest } from '../daemon/control-protocol.ts'
import { askOrFail, RECOVERY_SILENCE_MS, type Told } from './ask.ts'
import type { Invocation, Io } from './command.ts'
import { textOf } from './command.ts'
import { progressLine } from './progress.ts'

type Asked =
  { readonly ok: true; readonly answer: Told | undefined; readonly text: string } | { readonly ok: false; readonly exitCode: number }

/** Asks for something long about backups and shows how far it is; the value is the daemon's answer before its last word. */
export async function askBackup(invocation: Invocation, io: Io, request: ControlRequest): Promise<Asked> {
  const line = progressLine(io)
  const found: Told[] = []
  const asked = await askOrFail(
    invocation,
    io,
    request,
    (answer) => {
      if (answer.type === 'backup-progress') line.show(answer.progress)
      else found.push(answer)
    },
    RECOVERY_SILENCE_MS,
  )
  line.end()
  return asked.ok ? { ok: true, answer: found.at(-1), text: asked.text } : asked
}

/** `cluster`, where it was named. */
export function clusterOf(invocation: Invocation): { readonly cluster?: string } {
  const cluster = textOf(invocation, 'cluster')
  return cluster === undefined ? {} : { cluster }
}
