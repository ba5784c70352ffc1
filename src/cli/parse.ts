import { parseArgs } from 'node:util'
import type { ParseArgsOptionsConfig } from 'node:util'
import type { Command, Invocation } from './command.ts'
import { allOptionsOf } from './common-options.ts'
import { nearestOf } from './nearest.ts'

export type Parsed = { readonly ok: true; readonly invocation: Invocation } | { readonly ok: false; readonly message: string }

function parserOptions(command: Command): ParseArgsOptionsConfig {
  const options: ParseArgsOptionsConfig = {}
  for (const [name, option] of Object.entries(allOptionsOf(command))) {
    options[name] = option.short === undefined ? { type: option.type } : { type: option.type, short: option.short }
  }
  return options
}

function suggestion(typed: string, candidates: readonly string[]): string {
  const near = nearestOf(typed, candidates)
  return near === undefined ? '' : `; did you mean --${near}?`
}

/** The first mistake among the tokens, as a sentence; `undefined` when there is none. */
function mistakeIn(command: Command, tokens: ReturnType<typeof tokenize>['tokens']): string | undefined {
  const options = allOptionsOf(command)
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = options[token.name]
    if (option === undefined) return `unknown option ${token.rawName}${suggestion(token.name, Object.keys(options))}`
    if (option.type === 'string' && (token.value ?? '') === '')
      return `option ${token.rawName} needs a value: --${token.name} ${option.value}`
    if (option.type === 'boolean' && token.value !== undefined) return `option ${token.rawName} takes no value, but got "${token.value}"`
  }
  return undefined
}

function tokenize(command: Command, words: readonly string[]) {
  return parseArgs({ args: [...words], options: parserOptions(command), allowPositionals: true, strict: false, tokens: true })
}

function positionalMistake(command: Command, positionals: readonly string[]): string | undefined {
  const expected = command.positional
  if (expected === undefined && positionals.length > 0) return `unexpected argument "${positionals[0]}"`
  if (positionals.length > 1) return `unexpected argument "${positionals[1]}": ${command.name} takes at most one`
  return undefined
}

/** Fits the words after the command's name to its tables. A missing required argument is found here too, unless `--help` was given. */
export function parseInvocation(command: Command, words: readonly string[]): Parsed {
  const { values, positionals, tokens } = tokenize(command, words)
  const mistake = mistakeIn(command, tokens) ?? positionalMistake(command, positionals)
  if (mistake !== undefined) return { ok: false, message: mistake }
  if (command.positional?.required === true && positionals.length === 0 && values['help'] !== true) {
    return { ok: false, message: `${command.positional.name} is missing` }
  }
  const plain = Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string | boolean] => !Array.isArray(entry[1])))
  return { ok: true, invocation: { values: plain, positional: positionals[0] } }
}
