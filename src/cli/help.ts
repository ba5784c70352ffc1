import type { Command, Option, Output } from './command.ts'
import { allOptionsOf, COMMON_OPTIONS } from './common-options.ts'
import { COMMON_EXIT_CODES } from './exit-codes.ts'
import type { Style } from './style.ts'
import { renderTable, wrapText } from './table.ts'

const TEXT_WIDTH = 79

const INTRODUCTION =
  'The on-call DBA that lives on the database host: it watches PostgreSQL, finds out why it is in trouble, recovers it, and tells a person.'

/** `--config FILE`, or `-h, --help`. */
export function spellOption(name: string, option: Option): string {
  const long = option.value === undefined ? `--${name}` : `--${name} ${option.value}`
  return option.short === undefined ? long : `-${option.short}, ${long}`
}

/** `pgwatchd incidents [OPTIONS] [ID]` */
export function usageOf(command: Command): string {
  const { positional } = command
  const argument = positional === undefined ? '' : positional.required ? ` ${positional.name}` : ` [${positional.name}]`
  return `pgwatchd ${command.name} [OPTIONS]${argument}`
}

/** Every exit code of a command with its meaning, in order. */
export function exitCodesOf(command: Command): readonly (readonly [number, string])[] {
  const all: Record<string, string> = { ...COMMON_EXIT_CODES, ...command.exitCodes }
  return Object.entries(all).map(([code, meaning]) => [Number(code), meaning] as const)
}

function section(title: string, body: string, style: Style): string {
  return body === '' ? '' : `\n${style.bold(title)}\n${body}`
}

function paragraphs(texts: readonly string[], output: Output): string {
  const width = output.isTerminal ? Math.min(TEXT_WIDTH, output.columns) : TEXT_WIDTH
  return texts.map((text) => `${wrapText(text, width).join('\n')}\n`).join('\n')
}

/** What `pgwatchd COMMAND --help` prints. */
export function renderHelp(command: Command, output: Output, style: Style): string {
  const options = Object.entries(allOptionsOf(command)).map(([name, option]) => [spellOption(name, option), option.description])
  const argument = command.positional === undefined ? [] : [[command.positional.name, command.positional.description]]
  const examples = command.examples.map(({ line, explanation }) => [line, explanation])
  const codes = exitCodesOf(command).map(([code, meaning]) => [String(code), meaning])
  return [
    `${style.bold(usageOf(command))}\n\n`,
    paragraphs([`${command.summary}.`, ...command.description], output),
    section('Argument', renderTable(output, [], argument, '  '), style),
    section('Options', renderTable(output, [], options, '  '), style),
    section('Examples', renderTable(output, [], examples, '  '), style),
    section('Exit codes', renderTable(output, [], codes, '  '), style),
  ].join('')
}

/** What `pgwatchd help` prints. */
export function renderOverview(commands: readonly Command[], output: Output, style: Style): string {
  const rows = commands.map((command) => [command.name, command.summary])
  const options = Object.entries(COMMON_OPTIONS).map(([name, option]) => [spellOption(name, option), option.description])
  return [
    `${style.bold('pgwatchd COMMAND [OPTIONS]')}\n\n`,
    paragraphs([INTRODUCTION], output),
    section('Commands', renderTable(output, [], rows, '  '), style),
    section('Options of every command', renderTable(output, [], options, '  '), style),
    '\npgwatchd COMMAND --help explains one of them; man pgwatchd tells everything.\n',
  ].join('')
}
