import { asOwner } from '../../server/as-owner.ts'
import type { BackupGround, Outcome, UnpackTarget } from './backup.ts'
import { quietly } from './quietly.ts'
import { refuse } from './refuse.ts'

/** Copies a directory with everything below it, sharing blocks where the file system can; what must last is synced. */
export async function copyTree(
  { outside, settings, priority }: BackupGround,
  from: string,
  to: string,
  { directory, durable }: UnpackTarget,
  signal: AbortSignal,
): Promise<Outcome<undefined>> {
  const copy = quietly(priority, 'cp', ['--archive', '--reflink=auto', '--no-target-directory', '--', from, to])
  const copied = await outside.commands.run({ ...copy, timeoutMs: settings.timeoutMs }, signal)
  if (copied.exitCode !== 0) return failed(copied.stderr.trim() || copied.outcome)
  if (!durable) return { ok: true, value: undefined }
  const sync = await asOwner(outside, directory, { file: 'sync', arguments: ['--file-system', '--', to] })
  const synced = await outside.commands.run({ ...sync, timeoutMs: settings.timeoutMs }, signal)
  return synced.exitCode === 0 ? { ok: true, value: undefined } : failed(synced.stderr.trim() || synced.outcome)
}

function failed(said: string): Outcome<undefined> {
  const hint = 'make room, or set backup.directory to a larger volume'
  return /No space left|quota/.test(said) ? refuse('no-room', said, hint) : refuse('disk', said)
}
