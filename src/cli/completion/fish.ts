import type { Command, Completion, Option } from '../command.ts'
import { allOptionsOf } from '../common-options.ts'

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
  return `complete -c pgwatchd -n '__fish_seen_subcommand_from ${command.name}' -l ${name}${short}${value} -d ${quote(option.description)}`
}

function commandLines(command: Command, all: string): readonly string[] {
  const { positional } = command
  const argument =
    positional?.completion === undefined
      ? []
      : [
          `complete -c pgwatchd -n '__fish_seen_subcommand_from ${command.name}'${argumentFlags(positional.completion)} -d ${quote(positional.description)}`,
        ]
  return [
    `complete -c pgwatchd -n 'not __fish_seen_subcommand_from ${all}' -a ${command.name} -d ${quote(command.summary)}`,
    ...Object.entries(allOptionsOf(command)).map(([name, option]) => optionLine(command, name, option)),
    ...argument,
  ]
}

/** Completion for fish. */
export function renderFishCompletion(commands: readonly Command[]): string {
  const all = commands.map((command) => command.name).join(' ')
  const head = ['# fish completion for pgwatchd; made by: pgwatchd completion fish', 'complete -c pgwatchd -f']
  return [...head, ...commands.flatMap((command) => commandLines(command, all)), ''].join('\n')
}
