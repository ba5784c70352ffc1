import { posix } from 'node:path'
import { isMap, isScalar, isSeq } from 'yaml'
import type { Node, Scalar } from 'yaml'
import { FORMATS } from './formats.ts'
import type { Format } from './formats.ts'
import { nearest } from './nearest.ts'
import type { ChoiceOption, ListOption, PathOption, RangedOption, ScalarOption, TextOption } from './options/option.ts'
import { parseDuration, parseInteger, parsePercentage, parseSize } from './units.ts'
import type { Parsed } from './units.ts'

const NUMBER_PARSERS = { duration: parseDuration, size: parseSize, percentage: parsePercentage, integer: parseInteger } as const

const LONGEST_PATH = 4096

/** Reads the notation of the file: `10s` for a duration becomes 10000. Defaults are read by this, too. */
export function readText(option: ScalarOption | ListOption, text: string): Parsed<number | string | boolean> {
  switch (option.type) {
    case 'text':
    case 'list':
      return readFormat(option.format, text)
    case 'path':
      return readPath(text)
    case 'choice':
      return readChoice(option, text)
    case 'boolean':
      return text === 'true' || text === 'false' ? { ok: true, value: text === 'true' } : { ok: false, expected: 'true or false' }
    default:
      return readRanged(option, text)
  }
}

/** Reads a YAML scalar; words must be words to YAML as well, numbers and booleans must not be quoted. */
export function readScalar(option: ScalarOption | ListOption, scalar: Scalar): Parsed<number | string | boolean> {
  const isWord = typeof scalar.value === 'string'
  const mustNotBe = option.type === 'integer' || option.type === 'boolean'
  const parsed = readText(option, typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? ''))
  if (!parsed.ok) return parsed
  if (wantsWord(option) && !isWord) return { ok: false, expected: 'a string; put it in quotes' }
  if (mustNotBe && isWord) return { ok: false, expected: `${nameType(option)} without quotes` }
  return parsed
}

/** "a section of keys", "a list", "a single value": for where the value itself might be a secret. */
export function describeKind(node: Node): string {
  if (isMap(node)) return 'a section of keys'
  if (isSeq(node)) return 'a list'
  return isScalar(node) && node.value !== null ? 'a single value' : 'nothing'
}

/** The value itself, cut and without control characters, a string in quotes; or what kind of thing there is instead. */
export function describeNode(node: Node): string {
  if (!isScalar(node) || node.value === null) return describeKind(node)
  const text = (node.source ?? '').replace(/\p{C}/gu, '?')
  const cut = text.length > 40 ? `${Array.from(text).slice(0, 40).join('')}…` : text
  return typeof node.value === 'string' ? JSON.stringify(cut) : cut
}

/** "a duration such as 10s": what the option takes, for where nothing of the kind was found. */
export function describeExpected(option: ScalarOption | ListOption): string {
  const example = option.example ?? ('default' in option ? option.default : undefined)
  return option.type === 'choice' ? `one of ${option.choices.join(', ')}` : `${nameType(option)} such as ${example ?? ''}`
}

function nameType(option: ScalarOption | ListOption): string {
  if (option.type === 'integer') return 'a whole number'
  if (option.type === 'path') return 'an absolute path'
  if (option.type === 'text' || option.type === 'list') return nameFormat(option.format)
  return option.type === 'boolean' ? 'true or false' : `a ${option.type}`
}

function nameFormat(format: Format): string {
  if (format === 'words') return 'a string'
  return /^[aeiou]/.test(format) ? `an ${format}` : `a ${format}`
}

function wantsWord(option: ScalarOption | ListOption): option is TextOption | PathOption | ChoiceOption | ListOption {
  return option.type === 'text' || option.type === 'path' || option.type === 'choice' || option.type === 'list'
}

function readRanged(option: RangedOption, text: string): Parsed<number> {
  const parse = NUMBER_PARSERS[option.type]
  const [parsed, lowest, highest] = [parse(text), parse(option.minimum), parse(option.maximum)]
  if (!parsed.ok || !lowest.ok || !highest.ok) return parsed
  const within = parsed.value >= lowest.value && parsed.value <= highest.value
  return within ? parsed : { ok: false, expected: `${nameType(option)} from ${option.minimum} to ${option.maximum}` }
}

function readFormat(format: Format, text: string): Parsed<string> {
  const rule = FORMATS[format]
  return rule.accepts(text) ? { ok: true, value: text } : { ok: false, expected: rule.expected }
}

function readPath(text: string): Parsed<string> {
  const isPath = text.startsWith('/') && text.length <= LONGEST_PATH && !/[\u0000-\u001f\u007f-\u009f]/.test(text)
  if (!isPath) return { ok: false, expected: 'an absolute path, one that begins with "/"' }
  const normal = posix.normalize(text)
  return { ok: true, value: normal === '/' ? normal : normal.replace(/\/+$/, '') }
}

function readChoice(option: ChoiceOption, text: string): Parsed<string> {
  if (option.choices.includes(text)) return { ok: true, value: text }
  const near = nearest(text, option.choices)
  return { ok: false, expected: `one of ${option.choices.join(', ')}${near === undefined ? '' : ` (did you mean ${near}?)`}` }
}
