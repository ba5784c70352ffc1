import type { Command } from './command.ts'
import { COMMANDS } from './index.ts'

/** Every command, loaded, in the order of the registry. */
export async function loadAllCommands(): Promise<readonly Command[]> {
  return await Promise.all(COMMANDS.map(async (entry) => (await entry.load()).command))
}
