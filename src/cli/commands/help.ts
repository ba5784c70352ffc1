import type { Command, Io } from '../command.ts'
import { isSet } from '../command.ts'
import { allOptionsOf } from '../common-options.ts'
import { EXIT } from '../exit-codes.ts'
import { exitCodesOf, renderHelp, renderOverview, usageOf } from '../help.ts'
import { FIRST_WORDS } from '../groups.ts'
import { loadAllCommands } from '../load-all.ts'
import { nearestOf } from '../nearest.ts'
import { printFailure, printJson } from '../print.ts'
import { styleFor } from '../style.ts'

function describe(command: Command): unknown {
  const { name, summary, description, positional, examples } = command
  const exitCodes = Object.fromEntries(exitCodesOf(command))
  return { name, usage: usageOf(command), summary, description, positional, options: allOptionsOf(command), examples, exitCodes }
}

function print(commands: readonly Command[], io: Io, text: string, isJson: boolean): number {
  if (isJson) printJson(io, commands.map(describe))
  else io.stdout.write(text)
  return EXIT.ok
}

export const command: Command = {
  name: 'help',
  summary: 'List the commands, or explain one of them',
  description: [],
  options: {},
  positional: { name: 'COMMAND', required: false, description: 'the command to explain', completion: FIRST_WORDS },
  examples: [{ line: 'pgwatchd help recover', explanation: 'the same as pgwatchd recover --help' }],
  exitCodes: {},
  async run(invocation, io) {
    const commands = await loadAllCommands()
    const style = styleFor(io, io.stdout)
    const name = invocation.positional
    if (name === undefined) return print(commands, io, renderOverview(commands, io.stdout, style), isSet(invocation, 'json'))
    const found = commands.find((candidate) => candidate.name === name)
    const members = commands.filter((candidate) => candidate.name.startsWith(`${name} `))
    if (members.length > 0) return print(members, io, renderOverview(members, io.stdout, style), isSet(invocation, 'json'))
    if (found !== undefined) return print([found], io, renderHelp(found, io.stdout, style), isSet(invocation, 'json'))
    const near = nearestOf(
      name,
      commands.map((candidate) => candidate.name),
    )
    const hint = near === undefined ? 'pgwatchd help lists the commands' : `did you mean ${near}?`
    return printFailure(io, invocation, { code: 'unknown-command', message: `there is no command ${name}`, hint }, EXIT.usage)
  },
}
