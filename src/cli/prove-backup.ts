import { askBackup, clusterOf } from './ask-backup.ts'
import type { Invocation, Io } from './command.ts'
import { isSet } from './command.ts'
import { spellDuration } from './durations.ts'
import { EXIT } from './exit-codes.ts'
import { printJson } from './print.ts'

/** Asks the daemon to prove one backup, and tells what came of it. Resolves to the exit code. */
export async function proveBackup(invocation: Invocation, io: Io, command: 'backup-verify' | 'backup-drill'): Promise<number> {
  const asked = await askBackup(invocation, io, { command, id: invocation.positional ?? 'last', ...clusterOf(invocation) })
  if (!asked.ok) return asked.exitCode
  if (asked.answer?.type !== 'backup-proof') throw new Error('the daemon answered "done" without a proof')
  const { backup, proof } = asked.answer
  if (isSet(invocation, 'json')) printJson(io, { backup, ...proof })
  else io.stdout.write(`${backup}  ${proof.detail}, in ${spellDuration(proof.tookMs)}\n`)
  return EXIT.ok
}
