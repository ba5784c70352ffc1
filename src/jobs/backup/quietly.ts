import type { CommandRequest } from '../../ports/commands.ts'

/** A program that steps back behind the database: lowest priority of processor and disk. */
export function quietly(file: string, commandArguments: readonly string[]): Pick<CommandRequest, 'file' | 'arguments'> {
  return { file: 'nice', arguments: ['-n', '19', 'ionice', '-c', '3', file, ...commandArguments] }
}
