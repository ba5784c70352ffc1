import { FORMATS } from './formats.ts'
import type { Format } from './formats.ts'
import type { Option, OptionTable } from './options/option.ts'
import { OPTIONS, SECTIONS } from './options/index.ts'
import { childrenOf } from './options/tree.ts'
import type { Child } from './options/tree.ts'
import { DURATION_PATTERN, PERCENTAGE_PATTERN, SIZE_PATTERN } from './units.ts'

type Schema = Readonly<Record<string, unknown>>

const ABSOLUTE_PATH = '^/'

/** The JSON Schema (draft 2020-12) by which editors complete and check the file. */
export function renderSchema(): string {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'pgwatch.yaml',
    description: 'Configuration of pgwatchd.',
    ...sectionSchema(OPTIONS, ''),
    type: ['object', 'null'],
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}

function sectionSchema(table: OptionTable, section: string): Schema {
  const children = childrenOf(table, section)
  const required = children.filter(({ option }) => option?.required !== undefined).map(({ key }) => key)
  const properties = Object.fromEntries(children.map((child) => [child.key, childSchema(table, child)]))
  return { ...sectionType(required), additionalProperties: false, properties }
}

function childSchema(table: OptionTable, { path, option }: Child): Schema {
  if (option === undefined) return { description: SECTIONS[path], ...sectionSchema(table, path) }
  return { description: option.sentence, ...optionSchema(option) }
}

/** A section of which nothing is required may be empty (`watch:` alone), which YAML reads as null. */
function sectionType(required: readonly string[]): Schema {
  return required.length === 0 ? { type: ['object', 'null'] } : { type: 'object', required }
}

function optionSchema(option: Option): Schema {
  switch (option.type) {
    case 'cluster list':
      return { type: 'array', minItems: 1, items: sectionSchema(option.options, '') }
    case 'login':
      return sectionSchema(option.options, '')
    case 'list':
      return listSchema(textSchema(option.format), option.example)
    default:
      return { ...scalarSchema(option), ...defaultSchema(option), ...exampleSchema(option.example) }
  }
}

function listSchema(item: Schema, example: string | undefined): Schema {
  return { oneOf: [item, { type: 'array', minItems: 1, items: item }], ...exampleSchema(example) }
}

function scalarSchema(option: Exclude<Option, { type: 'cluster list' | 'login' | 'list' }>): Schema {
  switch (option.type) {
    case 'duration':
      return quantitySchema(DURATION_PATTERN)
    case 'size':
      return quantitySchema(SIZE_PATTERN)
    case 'percentage':
      return { type: 'string', pattern: PERCENTAGE_PATTERN }
    case 'integer':
      return { type: 'integer', minimum: Number(option.minimum), maximum: Number(option.maximum) }
    case 'boolean':
      return { type: 'boolean' }
    case 'choice':
      return { enum: option.choices }
    case 'path':
      return { type: 'string', pattern: ABSOLUTE_PATH }
    case 'text':
      return textSchema(option.format)
  }
}

/** A bare 0 needs no unit, and is a number to YAML. */
function quantitySchema(pattern: string): Schema {
  return { type: ['string', 'integer'], pattern, minimum: 0, maximum: 0 }
}

function textSchema(format: Format): Schema {
  const { pattern } = FORMATS[format]
  return pattern === undefined ? { type: 'string' } : { type: 'string', pattern }
}

/** A default as YAML reads it: a word, a number or a boolean. */
function defaultSchema(option: { readonly type: Option['type']; readonly default?: string }): Schema {
  if (option.default === undefined) return {}
  if (option.type === 'boolean') return { default: option.default === 'true' }
  return { default: option.type === 'integer' ? Number(option.default) : option.default }
}

function exampleSchema(example: string | undefined): Schema {
  return example === undefined ? {} : { examples: [/^[0-9]+$/.test(example) ? Number(example) : example] }
}
