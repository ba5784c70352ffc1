import { OPTIONS, SECTIONS } from '../../src/config/options/index.ts'
import type { Option, OptionTable } from '../../src/config/options/option.ts'
import { childrenOf } from '../../src/config/options/tree.ts'
import type { Child } from '../../src/config/options/tree.ts'
import { item, paragraphs, section, text } from './roff.ts'

const DESCRIPTION = [
  'The configuration of pgwatchd(8), in YAML. Every key is optional; a missing file means that every key has its default. ' +
    'An unknown key, a wrong type and a wrong unit are refused with their place in the file.',
  'Durations are a whole number and ms, s, m, h or d. Sizes are a whole number and B, kB, MB, GB or TB, in powers of 1024. ' +
    'Percentages are written 80%. A password is never written here; a key says where to read it.',
  'Below, probes.disk.warn means the key warn in the section disk in the section probes, and clusters[].name the key name of each entry.',
]

const AFTERWARDS = [
  '"pgwatchd check-config" tells every mistake at once. "systemctl reload pgwatchd" applies a valid file without losing state or ' +
    'a recovery that is under way; an invalid one is refused, and the old one stays in force.',
]

function rangeOf(option: Option): string {
  if (option.type === 'choice') return `One of ${option.choices.join(', ')}.`
  return 'minimum' in option ? `From ${option.minimum} to ${option.maximum}.` : ''
}

function defaultOf(option: Option): string {
  const value = 'default' in option ? option.default : undefined
  return value === undefined || value === '' ? '' : `Default: ${value}.`
}

function explain(option: Option): string {
  return [option.sentence, rangeOf(option), defaultOf(option)].filter((part) => part !== '').join(' ')
}

/** A key, or a section with its keys, below `prefix`. */
function entries(table: OptionTable, child: Child, prefix: string): readonly string[] {
  const { option, path } = child
  const name = `${prefix}${path}`
  const below = (inner: OptionTable, innerPrefix: string, from: string) =>
    childrenOf(inner, from).flatMap((each) => entries(inner, each, innerPrefix))
  if (option === undefined) return [...item(name, SECTIONS[name] ?? ''), ...below(table, prefix, path)]
  if (option.type === 'cluster list') return [...item(name, option.sentence), ...below(option.options, `${name}[].`, '')]
  if (option.type === 'login') return [...item(name, option.sentence), ...below(option.options, `${name}.`, '')]
  return item(name, explain(option))
}

/** The manual page of section 5, in roff. */
export function renderConfigManual(): string {
  const lines = [
    '.\\" Made from the options of src/config by: npm run generate',
    '.TH PGWATCH.YAML 5 "" pgwatchd "File Formats"',
    ...section('NAME', [text('pgwatch.yaml - configuration of pgwatchd')]),
    ...section('SYNOPSIS', ['.I /etc/pgwatch.yaml']),
    ...section('DESCRIPTION', paragraphs([...DESCRIPTION, ...AFTERWARDS])),
    ...section(
      'KEYS',
      childrenOf(OPTIONS, '').flatMap((child) => entries(OPTIONS, child, '')),
    ),
    ...section('SEE ALSO', ['.BR pgwatchd (8)']),
  ]
  return `${lines.join('\n')}\n`
}

/** The manual of the configuration that the package installs. */
export const CONFIG_MANUAL_GENERATOR = { file: 'docs/pgwatch.yaml.5', render: renderConfigManual }
