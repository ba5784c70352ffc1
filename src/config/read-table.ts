import { isMap, isScalar, isSeq } from 'yaml'
import type { Node, Pair, YAMLMap } from 'yaml'
import { describeUnknownKey } from './unknown-key.ts'
import type { ClusterListOption, ListOption, Option, OptionTable, ScalarOption, Values } from './options/option.ts'
import { childrenOf, parentOf } from './options/tree.ts'
import { describeExpected, describeKind, describeNode, readScalar, readText } from './read-value.ts'
import { offsetOf } from './source.ts'
import type { Source } from './source.ts'

/** A table as far as it could be read: a key with a mistake has no value. */
export interface TableReading<T extends OptionTable> {
  readonly values: Partial<Values<T>>
  /** Where each key's value, and each section, stands that the file has. */
  readonly offsets: ReadonlyMap<string, number>
  /** Where the table itself stands. */
  readonly offset: number
  /** What its keys are called in messages: "" for the file, `clusters[0].` for an entry. */
  readonly prefix: string
  /** The readings of tables within (logins, clusters), by path. */
  readonly within: ReadonlyMap<string, readonly TableReading<OptionTable>[]>
}

interface Reader {
  readonly source: Source
  readonly table: OptionTable
  readonly prefix: string
  readonly values: Record<string, unknown>
  readonly offsets: Map<string, number>
  readonly within: Map<string, readonly TableReading<OptionTable>[]>
}

/** Reads a mapping by its table: mistakes go to `source`, absent keys get their defaults. `node` absent means empty. */
export function readTable<T extends OptionTable>(source: Source, table: T, node: Node | undefined, prefix: string): TableReading<T> {
  const reader: Reader = { source, table, prefix, values: {}, offsets: new Map(), within: new Map() }
  const offset = offsetOf(node)
  const isSection = node === undefined || readSection(reader, node, '')
  for (const [path, option] of isSection ? Object.entries(table) : []) {
    if (!reader.offsets.has(path)) fillAbsent(reader, path, option, offset)
  }
  return { values: reader.values as Partial<Values<T>>, offsets: reader.offsets, offset, prefix, within: reader.within }
}

function fillAbsent(reader: Reader, path: string, option: Option, offset: number): void {
  const section = parentOf(path)
  if (option.required && (section === '' || reader.offsets.has(section))) {
    const place = reader.offsets.get(section) ?? offset
    reader.source.fail(place, `${reader.prefix}${path}: is missing; expected ${describeExpectedFor(option)}`)
  }
  reader.values[path] = defaultOf(option)
}

/** The default's value; `undefined` where there is none. */
function defaultOf(option: Option): unknown {
  if (option.type === 'login' || option.type === 'cluster list' || option.type === 'list' || option.default === undefined) return undefined
  const parsed = readText(option, option.default)
  if (!parsed.ok) throw new TypeError(`the options table has a wrong default: ${option.default} is not ${parsed.expected}`)
  return parsed.value
}

/** Reads the keys below `section`; false when it is something else than a section. */
function readSection(reader: Reader, node: Node, section: string): boolean {
  const target = reader.source.follow(node)
  if (target === undefined) return false
  if (isNothing(target)) return true
  if (isMap<Node, Node | null>(target)) {
    readPairs(reader, target, section)
    return true
  }
  const name = section === '' ? reader.prefix.slice(0, -1) : `${reader.prefix}${section}`
  reader.source.fail(offsetOf(node), `${name === '' ? 'the file' : name}: expected a section of keys; got ${describeKind(target)}`)
  return false
}

function readPairs(reader: Reader, map: YAMLMap<Node, Node | null>, section: string): void {
  const children = childrenOf(reader.table, section)
  const seen = new Set<string>()
  for (const pair of map.items) {
    if (reader.source.isFull()) return
    const key = isScalar(pair.key) ? String(pair.key.value) : ''
    const child = children.find((candidate) => candidate.key === key)
    if (child === undefined) {
      reader.source.fail(offsetOf(pair.key), describeUnknownKey(reader, section, key))
    } else if (seen.has(key)) {
      reader.source.fail(offsetOf(pair.key), `${reader.prefix}${child.path}: is there twice`)
    } else {
      seen.add(key)
      readPair(reader, child.path, child.option, pair)
    }
  }
}

function readPair(reader: Reader, path: string, option: Option | undefined, pair: Pair<Node, Node | null>): void {
  reader.offsets.set(path, offsetOf(pair.value ?? pair.key))
  if (option === undefined) {
    reader.offsets.set(path, offsetOf(pair.key))
    if (pair.value !== null) readSection(reader, pair.value, path)
    return
  }
  const node = pair.value === null ? undefined : reader.source.follow(pair.value)
  if (node === undefined && pair.value !== null) return
  if (option.type !== 'login' && (node === undefined || isNothing(node))) {
    const advice = `remove the line, or write ${describeExpectedFor(option)}`
    reader.source.fail(offsetOf(pair.key), `${reader.prefix}${path}: has no value; ${advice}`)
    return
  }
  readOption(reader, path, option, node)
}

function readOption(reader: Reader, path: string, option: Option, node: Node | undefined): void {
  if (option.type === 'login') {
    readLogin(reader, path, option.options, node)
  } else if (node !== undefined) {
    if (option.type === 'cluster list') readClusterList(reader, path, option, node)
    else if (option.type === 'list') readList(reader, path, option, node)
    else reader.values[path] = readOne(reader, path, option, node)
  }
}

function readLogin(reader: Reader, path: string, options: OptionTable, node: Node | undefined): void {
  const reading = readTable(reader.source, options, node, `${reader.prefix}${path}.`)
  reader.within.set(path, [reading])
  reader.values[path] = reading.values
}

function readClusterList(reader: Reader, path: string, option: ClusterListOption, node: Node): void {
  if (!isSeq<Node>(node) || node.items.length === 0) {
    const seen = isSeq(node) ? 'an empty list' : describeKind(node)
    const expected = `expected a list of clusters, each "- name: …"; got ${seen}; remove the key to have them discovered`
    reader.source.fail(offsetOf(node), `${path}: ${expected}`)
    return
  }
  const readings = node.items.map((item, index) => readTable(reader.source, option.options, item, `${path}[${index}].`))
  reader.within.set(path, readings)
  reader.values[path] = readings.map((reading) => reading.values)
}

function readList(reader: Reader, path: string, option: ListOption, node: Node): void {
  const items = isSeq<Node>(node) ? node.items : [node]
  if (items.length === 0) reader.source.fail(offsetOf(node), `${reader.prefix}${path}: the list is empty`)
  const values = items.map((item) => readOne(reader, path, option, item))
  if (!values.includes(undefined)) reader.values[path] = values
}

function readOne(reader: Reader, path: string, option: ScalarOption | ListOption, node: Node): unknown {
  const target = reader.source.follow(node)
  if (target === undefined) return undefined
  const parsed = isScalar(target) && !isNothing(target) ? readScalar(option, target) : undefined
  if (parsed?.ok) return parsed.value
  const seen = 'sensitive' in option ? '' : `; got ${describeNode(target)}`
  reader.source.fail(offsetOf(node), `${reader.prefix}${path}: expected ${parsed?.expected ?? describeExpected(option)}${seen}`)
  return undefined
}

function describeExpectedFor(option: Option): string {
  return option.type === 'cluster list' || option.type === 'login' ? 'its keys below it' : describeExpected(option)
}

/** `key:` with nothing behind it. */
function isNothing(node: Node): boolean {
  return isScalar(node) && node.value === null
}
