import type { Invocation, Io } from './command.ts'
import { isSet } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { printFailure } from './print.ts'

/** Whether a person at a terminal typed the name of the cluster, or `--yes` was given; tells when not. */
export async function confirmByName(
  invocation: Invocation,
  io: Io,
  { name, what }: { readonly name: string; readonly what: string },
): Promise<boolean> {
  if (isSet(invocation, 'yes')) return true
  const refuse = (message: string, hint: string): false => {
    printFailure(io, invocation, { code: 'not-confirmed', message, hint }, EXIT.failed)
    return false
  }
  if (!io.isInteractive) return refuse(`${what}, which must be confirmed`, 'without a terminal, confirm with --yes')
  const typed = await io.ask(`${what}. Type the cluster's name (${name}) to go on: `)
  return typed?.trim() === name || refuse('not confirmed: nothing was done', '')
}
