import type { Command } from '../../src/cli/command.ts'
import { COMMON_OPTIONS } from '../../src/cli/common-options.ts'
import { COMMON_EXIT_CODES } from '../../src/cli/exit-codes.ts'
import { spellOption } from '../../src/cli/help.ts'
import { loadAllCommands } from '../../src/cli/load-all.ts'
import { item, items, paragraphs, quoted, section, sentence, text } from './roff.ts'

function exampleLines({ line, explanation }: Command['examples'][number]): readonly string[] {
  const introduction = `${sentence(explanation).replace(/\.$/, '')}:`
  return ['.PP', text(introduction), '.PP', '.in +4n', '.nf', text(line), '.fi', '.in']
}

function titleOf({ name, positional }: Command): string {
  if (positional === undefined) return name
  return `${name} ${positional.required ? positional.name : `[${positional.name}]`}`
}

function commandSection(command: Command): readonly string[] {
  const { summary, description, positional, options, examples, exitCodes } = command
  const own = Object.entries(options).flatMap(([option, spec]) => item(spellOption(option, spec), sentence(spec.description)))
  const argument = positional === undefined ? [] : item(positional.name, sentence(positional.description))
  const codes = Object.entries(exitCodes).map(([code, meaning]) => `${code} ${meaning}`)
  return [
    `.SS ${quoted(titleOf(command))}`,
    text(`${summary}.`),
    ...paragraphs(description),
    ...argument,
    ...own,
    ...paragraphs(codes.length === 0 ? [] : [`Exit codes: ${codes.join('; ')}.`]),
    ...examples.flatMap(exampleLines),
  ]
}

const DESCRIPTION = [
  'pgwatchd is the on-call DBA that lives on the database host. It watches one or more PostgreSQL clusters, finds out why one ' +
    'is in trouble, applies the least invasive remedy that can help, proves the result, and tells a person what it saw and did.',
  'The daemon is "pgwatchd run", started by pgwatchd.service. Every other command either asks the running daemon over its ' +
    'control socket, which is open to root and to the group postgres, or reads what it left on disk.',
]

const FILES: readonly (readonly [string, string])[] = [
  ['/etc/pgwatch.yaml', 'the configuration; every key has a default'],
  [
    '/var/lib/pgwatchd',
    'state, incidents with what was kept before it was changed, and mail waiting to be sent; for the user of pgwatchd alone',
  ],
  ['/run/pgwatchd/control.sock', 'the control socket'],
  ['/var/backups/pgwatchd', 'backups; they stay when the package is purged'],
]

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['NO_COLOR', 'no colours, even on a terminal'],
  ['FORCE_COLOR', 'colours even when the output is no terminal; wins over NO_COLOR'],
]

/** The manual page of section 8, in roff. */
export function renderManual(commands: readonly Command[]): string {
  const common = Object.entries(COMMON_OPTIONS).map(([name, option]) => [spellOption(name, option), option.description] as const)
  const lines = [
    '.\\" Made from the tables of src/cli by: npm run generate',
    '.TH PGWATCHD 8 "" pgwatchd "System Administration"',
    ...section('NAME', [text('pgwatchd - keep PostgreSQL alive and its data sound')]),
    ...section('SYNOPSIS', ['.B pgwatchd', '.I COMMAND', text('[OPTIONS]')]),
    ...section('DESCRIPTION', paragraphs(DESCRIPTION)),
    ...section('OPTIONS', ['Every command understands:', ...items(common)]),
    ...section('COMMANDS', commands.flatMap(commandSection)),
    ...section('EXIT STATUS', ['Beyond what the commands list:', ...items(Object.entries(COMMON_EXIT_CODES))]),
    ...section('ENVIRONMENT', items(ENVIRONMENT)),
    ...section('FILES', items(FILES)),
    ...section('SEE ALSO', [text('pgwatch.yaml(5), systemctl(1), journalctl(1), pg_ctl(1), postgres(1)')]),
  ]
  return `${lines.join('\n')}\n`
}

/** The manual that the package installs. */
export const MANUAL_GENERATOR = { file: 'docs/pgwatchd.8', render: async () => renderManual(await loadAllCommands()) }
