import type { ControlRequest } from '../daemon/control-protocol.ts'
import type { Told } from './ask.ts'
import { askOrFail, RECOVERY_SILENCE_MS } from './ask.ts'
import type { Invocation, Io } from './command.ts'
import { isSet } from './command.ts'
import { EXIT } from './exit-codes.ts'

/** Text for people, by `print` what is no progress; with `--json` each answer is one line of its own, as it comes. */
export function teller(invocation: Invocation, io: Io, print: (answer: Told) => void): (answer: Told) => void {
  if (isSet(invocation, 'json')) return (answer) => io.stdout.write(`${JSON.stringify(answer)}\n`)
  return (answer) => {
    if (answer.type === 'progress') io.stdout.write(`${answer.text}\n`)
    else print(answer)
  }
}

/** Has the daemon do what takes steps, and tells of each and of the end. Resolves to the exit code. */
export async function actAndTell(invocation: Invocation, io: Io, request: ControlRequest, print: (answer: Told) => void): Promise<number> {
  const asked = await askOrFail(invocation, io, request, teller(invocation, io, print), RECOVERY_SILENCE_MS)
  if (!asked.ok) return asked.exitCode
  if (isSet(invocation, 'json')) io.stdout.write(`${JSON.stringify({ type: 'done', ok: true, text: asked.text })}\n`)
  else io.stdout.write(`${asked.text}\n`)
  return EXIT.ok
}
