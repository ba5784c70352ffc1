import type { Command } from '../command.ts'
import { isSet } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { loadAllCommands } from '../load-all.ts'
import { SHELLS } from '../completion/shells.ts'
import { printFailure, printJson } from '../print.ts'

export const command: Command = {
  name: 'completion',
  summary: 'Print the completion script for a shell',
  description: ['The Debian package installs these scripts; this command is for other installations.'],
  options: {},
  positional: { name: 'SHELL', required: true, description: SHELLS.join(', '), completion: SHELLS },
  examples: [
    { line: 'source <(pgwatchd completion bash)', explanation: 'bash, for this session' },
    { line: 'pgwatchd completion fish > ~/.config/fish/completions/pgwatchd.fish', explanation: 'fish, for good' },
  ],
  exitCodes: {},
  async run(invocation, io) {
    const shell = SHELLS.find((name) => name === invocation.positional)
    if (shell === undefined) {
      const message = `no completion for ${invocation.positional}: expected ${SHELLS.join(', ')}`
      return printFailure(io, invocation, { code: 'usage', message, hint: '' }, EXIT.usage)
    }
    const { renderCompletion } = await import('../completion/index.ts')
    const script = renderCompletion(shell, await loadAllCommands())
    if (isSet(invocation, 'json')) printJson(io, { shell, script })
    else io.stdout.write(script)
    return EXIT.ok
  },
}
