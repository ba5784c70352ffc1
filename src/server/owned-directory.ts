import type { Outside } from '../ports/outside.ts'
import { OutsideError } from '../ports/outside-error.ts'

const CHOWN_TIMEOUT_MS = 60_000

/** Makes a directory (0700) that belongs to whoever owns `like`: where pgwatchd is root, PostgreSQL's programs still are not. */
export async function makeOwnedDirectory(
  { files, commands }: Pick<Outside, 'files' | 'commands'>,
  path: string,
  like: string,
  signal: AbortSignal,
): Promise<void> {
  await files.makeDirectory(path, 0o700)
  const [own, wanted] = [await files.status(path), await files.status(like)]
  if (own === undefined || wanted === undefined || own.uid === wanted.uid) return
  const owner = `${wanted.uid}:${wanted.gid}`
  const changed = await commands.run({ file: 'chown', arguments: ['-R', owner, '--', path], timeoutMs: CHOWN_TIMEOUT_MS }, signal)
  if (changed.exitCode === 0) return
  throw new OutsideError({ operation: 'give', object: `${path} to ${owner}`, code: changed.outcome, reason: changed.stderr.trim() })
}
