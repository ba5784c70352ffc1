import type { CommandRequest } from '../../ports/commands.ts'
import type { BackupGround } from './backup.ts'

type Program = Pick<CommandRequest, 'file' | 'arguments'>

/** A program that steps back behind the database, by the lowest priority of processor and disk, unless somebody waits for it. */
export function quietly(priority: BackupGround['priority'] | undefined, file: string, words: readonly string[]): Program {
  if (priority === 'normal') return { file, arguments: words }
  return { file: 'nice', arguments: ['-n', '19', 'ionice', '-c', '3', file, ...words] }
}
