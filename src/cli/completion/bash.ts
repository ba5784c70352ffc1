import type { Command, Completion } from '../command.ts'
import { allOptionsOf } from '../common-options.ts'
import { FIRST_WORDS, GROUPS, membersOf } from '../groups.ts'

/** What `compgen` is asked for. */
function generator(completion: Completion | undefined): string {
  if (completion === 'file') return 'compgen -f -- "$word"'
  if (completion === 'directory') return 'compgen -d -- "$word"'
  return completion === undefined ? 'true' : `compgen -W '${completion.join(' ')}' -- "$word"`
}

/** `pause:--config | pause:-c` */
function spellings(command: Command, name: string, short: string | undefined): string {
  return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])].map((spelled) => `'${command.name}:${spelled}'`).join(' | ')
}

function valueCases(command: Command): readonly string[] {
  return Object.entries(allOptionsOf(command))
    .filter(([, option]) => option.type === 'string')
    .map(([name, { short, completion }]) => `    ${spellings(command, name, short)}) words=$(${generator(completion)}) ;;`)
}

function commandCase(command: Command): string {
  const options = Object.keys(allOptionsOf(command)).map((name) => `--${name}`)
  return `    '${command.name}:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '${options.join(' ')}' -- "$word"); else words=$(${generator(command.positional?.completion)}); fi ;;`
}

/** The second word of a group's command. */
function groupCase(group: string): string {
  return `  if [[ $command == ${group} ]]; then
    if (( COMP_CWORD == 2 )); then
      mapfile -t COMPREPLY < <(compgen -W '${membersOf(group).join(' ')}' -- "$word")
      return
    fi
    command="${group} \${COMP_WORDS[2]}"
  fi
`
}

/** Completion for bash, without the package bash-completion. */
export function renderBashCompletion(commands: readonly Command[]): string {
  return `# bash completion for pgwatchd; made by: pgwatchd completion bash
_pgwatchd() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} words
  if (( COMP_CWORD == 1 )); then
    mapfile -t COMPREPLY < <(compgen -W '${FIRST_WORDS.join(' ')} --help --version' -- "$word")
    return
  fi
${GROUPS.map(groupCase).join('')}  case $command:$before in
${commands.flatMap(valueCases).join('\n')}
    *) case $command:$word in
${commands.map(commandCase).join('\n')}
    esac ;;
  esac
  mapfile -t COMPREPLY <<<"$words"
  [[ -n $words ]] || COMPREPLY=()
}
complete -o filenames -F _pgwatchd pgwatchd
`
}
