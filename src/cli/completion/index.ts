import type { Command } from '../command.ts'
import { renderBashCompletion } from './bash.ts'
import { renderFishCompletion } from './fish.ts'
import type { Shell } from './shells.ts'
import { renderZshCompletion } from './zsh.ts'

const RENDERERS: Readonly<Record<Shell, (commands: readonly Command[]) => string>> = {
  bash: renderBashCompletion,
  zsh: renderZshCompletion,
  fish: renderFishCompletion,
}

/** The completion script of one shell, from the tables of all commands. */
export function renderCompletion(shell: Shell, commands: readonly Command[]): string {
  return RENDERERS[shell](commands)
}
