import type { Command, Completion, Option } from '../command.ts'
import { allOptionsOf } from '../common-options.ts'
import { FIRST_WORDS, GROUPS, membersOf } from '../groups.ts'

/** Quoted for zsh's single quotes, with what `_arguments` and `_describe` read as syntax escaped. */
function quote(text: string): string {
  return text.replace(/'/g, "'\\''").replace(/([:[\]])/g, '\\$1')
}

function action(completion: Completion | undefined): string {
  if (completion === 'file') return '_files'
  if (completion === 'directory') return '_files -/'
  return completion === undefined ? ' ' : `(${completion.join(' ')})`
}

function optionArguments([name, option]: readonly [string, Option]): readonly string[] {
  const value = option.value === undefined ? '' : `:${option.value}:${action(option.completion)}`
  const names = option.short === undefined ? [`--${name}`] : [`--${name}`, `-${option.short}`]
  const exclusive = names.length > 1 ? `(${names.join(' ')})` : ''
  return names.map((spelled) => `        '${exclusive}${spelled}[${quote(option.description)}]${value}'`)
}

function commandCase(command: Command): string {
  const { positional } = command
  const argument =
    positional === undefined ? [] : [`        '${positional.required ? '' : ':'}:${positional.name}:${action(positional.completion)}'`]
  const specs = [...Object.entries(allOptionsOf(command)).flatMap(optionArguments), ...argument]
  return `    '${command.name}')
      _arguments -s -S \\
${specs.join(' \\\n')}
      ;;`
}

function summaryOf(word: string, commands: readonly Command[]): string {
  return commands.find((command) => command.name === word)?.summary ?? `Everything about a ${word}: ${membersOf(word).join(', ')}`
}

/** The second word of a group's command. */
function groupCase(group: string, commands: readonly Command[]): string {
  const members = membersOf(group).map((member) => {
    const summary = commands.find((command) => command.name === `${group} ${member}`)?.summary ?? ''
    return `'${member}:${quote(summary)}'`
  })
  return `  if [[ $command == ${group} ]]; then
    if (( CURRENT == 2 )); then
      members=(${members.join(' ')})
      _describe -t commands '${group} command' members
      return
    fi
    command="${group} $words[2]"
    shift words
    (( CURRENT-- ))
  fi
`
}

/** Completion for zsh; a file `_pgwatchd` on `$fpath`. */
export function renderZshCompletion(commands: readonly Command[]): string {
  return `#compdef pgwatchd
# zsh completion for pgwatchd; made by: pgwatchd completion zsh
_pgwatchd() {
  local -a commands members
  commands=(
${FIRST_WORDS.map((word) => `    '${word}:${quote(summaryOf(word, commands))}'`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe -t commands 'pgwatchd command' commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
${GROUPS.map((group) => groupCase(group, commands)).join('')}  case $command in
${commands.map(commandCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _pgwatchd ]]; then _pgwatchd "$@"; else compdef _pgwatchd pgwatchd; fi
`
}
