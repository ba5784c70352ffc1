import type { Command, Completion, Option } from '../command.ts'
import { allOptionsOf } from '../common-options.ts'
import { FIRST_WORDS, GROUPS, membersOf } from '../groups.ts'

function quote(text: string): string {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`
}

function argumentFlags(completion: Completion | undefined): string {
  if (completion === 'file') return ' -F'
  if (completion === 'directory') return " -f -a '(__fish_complete_directories)'"
  return completion === undefined ? ' -f' : ` -f -a ${quote(completion.join(' '))}`
}

function optionLine(command: Command, name: string, option: Option): string {
  const short = option.short === undefined ? '' : ` -s ${option.short}`
  const value = option.type === 'string' ? ` -r${argumentFlags(option.completion)}` : ''
  return `complete -c pgwatchd -n '${seen(command)}' -l ${name}${short}${value} -d ${quote(option.description)}`
}

/** True once the words of the command have been typed. */
function seen({ name }: Command): string {
  return name
    .split(' ')
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join('; and ')
}

/** Offers the command, or the second word of one that belongs to a group. */
function firstLine({ name, summary }: Command, all: string): string {
  const [group = '', member] = name.split(' ')
  const when =
    member === undefined
      ? `not __fish_seen_subcommand_from ${all}`
      : `__fish_seen_subcommand_from ${group}; and not __fish_seen_subcommand_from ${membersOf(group).join(' ')}`
  return `complete -c pgwatchd -n '${when}' -a ${member ?? name} -d ${quote(summary)}`
}

function commandLines(command: Command, all: string): readonly string[] {
  const { positional } = command
  const argument =
    positional?.completion === undefined
      ? []
      : [`complete -c pgwatchd -n '${seen(command)}'${argumentFlags(positional.completion)} -d ${quote(positional.description)}`]
  return [
    firstLine(command, all),
    ...Object.entries(allOptionsOf(command)).map(([name, option]) => optionLine(command, name, option)),
    ...argument,
  ]
}

/** Completion for fish. */
export function renderFishCompletion(commands: readonly Command[]): string {
  const all = FIRST_WORDS.join(' ')
  const groups = GROUPS.map((group) => `complete -c pgwatchd -n 'not __fish_seen_subcommand_from ${all}' -a ${group}`)
  const head = ['# fish completion for pgwatchd; made by: pgwatchd completion fish', 'complete -c pgwatchd -f']
  return [...head, ...groups, ...commands.flatMap((command) => commandLines(command, all)), ''].join('\n')
}
