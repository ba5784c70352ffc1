import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { parseConfig } from '../../src/config/load.ts'
import { CLUSTER_OPTIONS } from '../../src/config/options/clusters.ts'
import { OPTIONS, SECTIONS } from '../../src/config/options/index.ts'
import type { OptionTable } from '../../src/config/options/option.ts'
import { childrenOf, parentOf } from '../../src/config/options/tree.ts'
import { readText } from '../../src/config/read-value.ts'
import { renderExample } from '../../src/config/render-example.ts'
import { renderSchema } from '../../src/config/render-schema.ts'

interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly oneOf?: readonly Schema[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean
  readonly description?: string
  readonly default?: unknown
}

/** The part of JSON Schema that the generated one uses. */
function conforms(schema: Schema, value: unknown): boolean {
  if (schema.oneOf !== undefined) return schema.oneOf.filter((each) => conforms(each, value)).length === 1
  if (schema.enum !== undefined) return schema.enum.includes(value)
  if (schema.type !== undefined && ![schema.type].flat().includes(typeName(value))) return false
  if (typeof value === 'string') return schema.pattern === undefined || new RegExp(schema.pattern, 'u').test(value)
  if (typeof value === 'number') return value >= (schema.minimum ?? value) && value <= (schema.maximum ?? value)
  if (Array.isArray(value)) return value.length >= (schema.minItems ?? 0) && value.every((item) => conforms(schema.items ?? {}, item))
  if (typeof value !== 'object' || value === null) return true
  const known = schema.properties ?? {}
  const isKnown = ([key, item]: [string, unknown]): boolean => known[key] !== undefined && conforms(known[key], item)
  return (schema.required ?? []).every((key) => key in value) && Object.entries(value).every(isKnown)
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

/** Removes one comment mark, as a reader does, from every line that is a setting. */
function uncomment(text: string): string {
  return text.replace(/^( *)#(?! )( *(?:- )?\w+:)/gm, '$1$2').replace(/^( *)#(  +(?:(?:- )?\w+:|#))/gm, '$1$2')
}

const EXAMPLE = renderExample()
const SCHEMA = JSON.parse(renderSchema()) as Schema

function tablesOf(table: OptionTable): readonly OptionTable[] {
  const inner = Object.values(table).flatMap((option) => ('options' in option ? tablesOf(option.options) : []))
  return [table, ...inner]
}

t.test('the example is what an empty file is', async (t) => {
  t.same(parseConfig(EXAMPLE, 'f'), { ...parseConfig('', 'f'), warnings: [{ file: 'f', line: lineOf('alerts:'), column: 1, message: firstWarning() }] })
})

function firstWarning(): string {
  const loaded = parseConfig('', 'f')
  return loaded.ok ? (loaded.warnings[0]?.message ?? '') : ''
}

function lineOf(line: string): number {
  return EXAMPLE.split('\n').indexOf(line) + 1
}

t.test('every setting of the example can be uncommented, all at once as well', async (t) => {
  const once = uncomment(EXAMPLE)
  const empty = parseConfig('', 'f')
  const loaded = parseConfig(once, 'f')
  t.match(loaded, { ok: true, config: { clusters: [{ name: '15-main', application: { user: 'app' } }], alerts: { mail: { to: ['root@localhost'] } } } })
  if (loaded.ok && empty.ok) {
    const { alerts, recovery } = loaded.config
    const withoutExamples = { alerts: { ...alerts, mail: undefined }, recovery: { ...recovery, sessions: { ...recovery.sessions, spareUsers: [] } } }
    t.same({ ...loaded.config, clusters: undefined, ...withoutExamples }, empty.config)
  }
  t.ok(conforms(SCHEMA, parse(once)), 'the schema accepts it')
  const lines = once.split('\n')
  const optional = lines.filter((line) => /^ +#\w+: /.test(line))
  t.ok(optional.length > 20)
  for (const line of optional) {
    const one = lines.map((each) => (each === line ? each.replace('#', '') : each)).join('\n')
    const result = parseConfig(one, 'f')
    const isAboutUser = !result.ok && result.problems.every(({ message }) => message.includes('alerts.mail.smtp.user'))
    t.ok(result.ok || isAboutUser, `${line.trim()}: ${result.ok ? '' : JSON.stringify(result.problems)}`)
  }
})

t.test('every option is documented in the example and the schema', async (t) => {
  for (const table of tablesOf(OPTIONS)) {
    for (const [path, option] of Object.entries(table)) {
      const key = path.split('.').at(-1) ?? ''
      t.match(EXAMPLE, new RegExp(`^[ #]*(- )?${key}:`, 'm'), path)
      t.match(option.sentence, /^([A-Z]|pgwatchd|postgresql\.conf).*[.?]$/s, `${path}: a sentence`)
      if (option.type === 'login' || option.type === 'cluster list') continue
      for (const text of [option.example, 'default' in option ? option.default : undefined]) {
        if (text !== undefined) t.match(readText(option, text), { ok: true }, `${path}: ${text}`)
      }
      t.ok(option.example !== undefined || 'default' in option, `${path}: an example`)
    }
  }
  for (const section of Object.keys(OPTIONS).map(parentOf).filter((path) => path !== '')) t.ok(SECTIONS[section], section)
  for (const section of Object.keys(SECTIONS)) t.ok(childrenOf(OPTIONS, section).length > 0, section)
  t.same(Object.keys(SCHEMA.properties ?? {}), childrenOf(OPTIONS, '').map(({ key }) => key))
  t.same(Object.keys(SCHEMA.properties?.clusters?.items?.properties ?? {}), Object.keys(CLUSTER_OPTIONS))
})

t.test('the schema accepts and refuses what the loader does', async (t) => {
  const texts = [
    '{}',
    'watch:',
    'watch: {interval: 10s}',
    'watch: {interval: 10}',
    'watch: {interval: 10x}',
    'watch: {failures: 3}',
    'watch: {failures: "3"}',
    'watch: {failures: 0}',
    'watch: {intervall: 1s}',
    'probes: {disk: {warn: 70%}}',
    'probes: {disk: {warn: 70}}',
    'recovery: {disk: {ballast: 0}}',
    'recovery: {disk: {ballast: 2GB}}',
    'recovery: {disk: {ballast: 2gb}}',
    'recovery: {mode: observe}',
    'recovery: {mode: watch}',
    'recovery: {repair: {zero_damaged_pages: false}}',
    'recovery: {repair: {zero_damaged_pages: "no"}}',
    'alerts: {mail: {to: a@b}}',
    'alerts: {mail: {to: [a@b, c@d]}}',
    'alerts: {mail: {to: nobody}}',
    'alerts: {mail: {from: a@b}}',
    'clusters: [{name: a}]',
    'clusters: [{port: 5432}]',
    'clusters: []',
    'clusters: [{name: a, application: {}}]',
    'clusters: [{name: a, superuser: {}}]',
    'clusters: [{name: a, superuser: {password: x}}]',
    'state_directory: /x',
    'state_directory: x',
    '[]',
  ]
  for (const text of texts) t.equal(conforms(SCHEMA, parse(text)), parseConfig(text, 'f').ok, text)
})

t.test('the committed files are the generated ones', async (t) => {
  const read = (name: string): string => readFileSync(new URL(`../../config/${name}`, import.meta.url), 'utf8')
  t.equal(read('pgwatch.yaml'), EXAMPLE)
  t.equal(read('pgwatch.schema.json'), renderSchema())
})
