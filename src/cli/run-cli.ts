import type { Command, CommandEntry, Io } from './command.ts'
import { isSet } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { renderHelp } from './help.ts'
import { isGroup, membersOf } from './groups.ts'
import { COMMANDS } from './index.ts'
import { nearestOf } from './nearest.ts'
import { parseInvocation } from './parse.ts'
import { styleFor } from './style.ts'

function complain(io: Io, message: string, advice: string): number {
  const style = styleFor(io, io.stderr)
  io.stderr.write(`${style.bad('error:')} ${message}\n${advice}\n`)
  return EXIT.usage
}

/** `--help` and `--version` in the place of a command are those commands; no word at all asks for help. */
function commandName(word: string | undefined): string | undefined {
  if (word === '--help' || word === '-h') return 'help'
  if (word === '--version' || word === '-V') return 'version'
  return word
}

function unknownCommand(io: Io, name: string): number {
  const near = nearestOf(
    name,
    COMMANDS.map((entry) => entry.name),
  )
  const guess = near === undefined ? '' : `; did you mean ${near}?`
  const what = name.startsWith('-') ? 'expected a command before option' : 'unknown command'
  return complain(io, `${what} ${name}${guess}`, 'pgwatchd help lists the commands')
}

/** A command of two words is a member of a group: `backup create`. */
function findEntry(name: string, rest: readonly string[]): readonly [CommandEntry | undefined, readonly string[]] {
  const entryNamed = (wanted: string) => COMMANDS.find((candidate) => candidate.name === wanted)
  if (!isGroup(name)) return [entryNamed(name), rest]
  return [entryNamed(`${name} ${rest[0] ?? ''}`), rest.slice(1)]
}

function incompleteGroup(io: Io, group: string, word: string | undefined): number {
  const members = membersOf(group)
  const what = word === undefined || word.startsWith('-') ? `${group} needs a word more` : `unknown command ${group} ${word}`
  return complain(io, `${what}: ${members.join(', ')}`, `pgwatchd help ${group} explains them`)
}

async function runCommand(command: Command, words: readonly string[], io: Io): Promise<number> {
  const parsed = parseInvocation(command, words)
  if (!parsed.ok) return complain(io, `${command.name}: ${parsed.message}`, `pgwatchd ${command.name} --help explains it`)
  if (isSet(parsed.invocation, 'help')) {
    io.stdout.write(renderHelp(command, io.stdout, styleFor(io, io.stdout)))
    return EXIT.ok
  }
  return await command.run(parsed.invocation, io)
}

async function loadAndRun(entry: CommandEntry, words: readonly string[], io: Io): Promise<number> {
  try {
    const { command } = await entry.load()
    return await runCommand(command, words, io)
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
    io.stderr.write(`error: a bug in pgwatchd ended "${entry.name}"; please report it with these lines:\n${detail}\n`)
    return EXIT.bug
  }
}

/** Runs the command that `words` (argv without program and script) name. Resolves to the exit code and never rejects. */
export async function runCli(words: readonly string[], io: Io): Promise<number> {
  const name = commandName(words[0])
  if (name === undefined) return complain(io, 'expected a command', 'pgwatchd help lists the commands')
  const [entry, rest] = findEntry(name, words.slice(1))
  if (entry !== undefined) return await loadAndRun(entry, rest, io)
  return isGroup(name) ? incompleteGroup(io, name, words[1]) : unknownCommand(io, name)
}
