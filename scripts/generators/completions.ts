import { COMPLETIONS } from '../../src/cli/completion/index.ts'
import { loadAllCommands } from '../../src/cli/load-all.ts'

/** Where each shell's script is kept, by the name that the shell looks for. */
const FILES = {
  bash: 'completions/pgwatchd.bash',
  zsh: 'completions/_pgwatchd',
  fish: 'completions/pgwatchd.fish',
} as const satisfies Readonly<Record<keyof typeof COMPLETIONS, string>>

function generatorFor(shell: keyof typeof COMPLETIONS) {
  return { file: FILES[shell], render: async () => COMPLETIONS[shell](await loadAllCommands()) }
}

/** The completion scripts that the package installs. */
export const COMPLETION_GENERATORS = [generatorFor('bash'), generatorFor('zsh'), generatorFor('fish')] as const
