import type { Option, OptionTable } from './options/option.ts'
import { OPTIONS, SECTIONS } from './options/index.ts'
import { childrenOf } from './options/tree.ts'
import type { Child } from './options/tree.ts'

const WIDTH = 110

const HEADER = `# Configuration of pgwatchd.
#
# Every key is optional, and stands here with its default: uncomment what you want to change (remove the "#" and
# nothing else). Then:
#
#   pgwatchd check-config && systemctl reload pgwatchd
#
# Durations: a whole number and ms, s, m, h or d. Sizes: B, kB, MB, GB or TB, in powers of 1024 as PostgreSQL has
# them. Percentages: 80%. Passwords are never written here; a key says where to read them.
#
# yaml-language-server: $schema=/usr/share/pgwatchd/pgwatch.schema.json
`

/**
 * The example file: every key documented, its default commented out, so that it loads as an empty one does. A section
 * that is commented out as a whole has a second mark before each key that it can do without.
 */
export function renderExample(): string {
  const parts = childrenOf(OPTIONS, '').map((child) => renderChild(OPTIONS, child, { column: '', mark: '' }).join('\n'))
  return `${HEADER}\n${parts.join('\n\n')}\n`
}

/** Where lines go: `column` before the comment mark, `mark` ("#" and blanks) while inside of a commented section. */
interface Indent {
  readonly column: string
  readonly mark: string
}

function renderChild(table: OptionTable, child: Child, indent: Indent): readonly string[] {
  const { key, option } = child
  if (option === undefined) return renderSection(table, child, indent)
  const comment = renderComment(describeOption(option), indent)
  if (option.type === 'cluster list') return [...comment, ...renderClusters(key, option.options, indent)]
  if (option.type === 'login') return [...comment, `${place(indent)}${key}:`, ...renderKeys(option.options, '', deepen(indent))]
  return [...comment, `${place(indent)}${option.required === undefined ? '#' : ''}${key}: ${valueOf(option)}`]
}

/** A section is there, empty, unless it makes a difference whether it is there. */
function renderSection(table: OptionTable, section: Child, indent: Indent): readonly string[] {
  const own = isOptional(table, section.path) ? startComment(indent) : indent
  const comment = renderComment(SECTIONS[section.path] ?? '', indent)
  return [...comment, `${place(own)}${section.key}:`, ...renderKeys(table, section.path, deepen(own))]
}

function renderKeys(table: OptionTable, section: string, indent: Indent): readonly string[] {
  return childrenOf(table, section).flatMap((child) => renderChild(table, child, indent))
}

/** The first key of an entry stands behind the dash of the list, and its comment above the dash. */
function renderClusters(key: string, options: OptionTable, indent: Indent): readonly string[] {
  const own = startComment(indent)
  const [name, ...others] = childrenOf(options, '')
  const first = name === undefined ? [] : renderChild(options, name, deepen(own))
  const dashed = first.map((line) => line.replace(/^#  (?=\w)/, '#  - '))
  return [`${place(own)}${key}:`, ...dashed, ...others.flatMap((child) => renderChild(options, child, deepen(deepen(own))))]
}

function isOptional(table: OptionTable, section: string): boolean {
  return childrenOf(table, section).some(({ option }) => option?.required !== undefined)
}

function startComment(indent: Indent): Indent {
  return indent.mark === '' ? { column: indent.column, mark: '#' } : indent
}

function deepen(indent: Indent): Indent {
  return indent.mark === '' ? { column: `${indent.column}  `, mark: '' } : { column: indent.column, mark: `${indent.mark}  ` }
}

function place({ column, mark }: Indent): string {
  return column + mark
}

function renderComment(text: string, indent: Indent): readonly string[] {
  const start = `${place(indent)}# `
  return wrap(text, WIDTH - start.length).map((line) => start + line)
}

/** The sentence, and what it takes: "From 1s to 10m." */
function describeOption(option: Option): string {
  if (option.type === 'choice') {
    const isTold = option.choices.every((choice) => option.sentence.includes(choice))
    return isTold ? option.sentence : `${option.sentence} One of ${option.choices.join(', ')}.`
  }
  return 'minimum' in option ? `${option.sentence} From ${option.minimum} to ${option.maximum}.` : option.sentence
}

function valueOf(option: Option): string {
  const value = 'default' in option ? option.default : undefined
  return value === '' ? '""' : (value ?? option.example ?? '')
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
