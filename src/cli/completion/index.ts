import type { Command } from '../command.ts'
import { renderBashCompletion } from './bash.ts'
import { renderFishCompletion } from './fish.ts'
import { renderZshCompletion } from './zsh.ts'

/** The completion script of each shell, from the tables of all commands. */
export const COMPLETIONS = {
  bash: renderBashCompletion,
  zsh: renderZshCompletion,
  fish: renderFishCompletion,
} as const satisfies Readonly<Record<string, (commands: readonly Command[]) => string>>
