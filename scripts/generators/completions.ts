import { renderCompletion } from '../../src/cli/completion/index.ts'
import type { Shell } from '../../src/cli/completion/shells.ts'
import { SHELLS } from '../../src/cli/completion/shells.ts'
import { loadAllCommands } from '../../src/cli/load-all.ts'

/** Where each shell's script is kept, by the name that the shell looks for. */
const FILES: Readonly<Record<Shell, string>> = {
  bash: 'completions/pgwatchd.bash',
  zsh: 'completions/_pgwatchd',
  fish: 'completions/pgwatchd.fish',
}

/** The completion scripts that the package installs. */
export const COMPLETION_GENERATORS = SHELLS.map((shell) => ({
  file: FILES[shell],
  render: async () => renderCompletion(shell, await loadAllCommands()),
}))
