import type { CommandRequest } from '../ports/commands.ts'
import type { Outside } from '../ports/outside.ts'

type Program = Pick<CommandRequest, 'file' | 'arguments'>

/** PostgreSQL's programs refuse root; where pgwatchd is root they run as whoever owns `path`. */
export async function asOwner({ files }: Pick<Outside, 'files'>, path: string, { file, arguments: list }: Program): Promise<Program> {
  const owner = process.getuid?.() === 0 ? await files.status(path) : undefined
  if (owner === undefined || owner.uid === 0) return { file, arguments: list }
  return { file: 'setpriv', arguments: [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--init-groups', '--', file, ...list] }
}
