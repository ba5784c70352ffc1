import { readFileSync } from 'node:fs'
import t from 'tap'
import { readSourceTree, type SourceFile } from './support/source-tree.ts'

const MAX_FILE_LINES = 200
const MAX_FUNCTION_LINES = 60
const MEDIAN_FUNCTION_LINES = 10
const NINETIETH_PERCENTILE_FUNCTION_LINES = 20

/** Files that are larger than the limit today, with their size: they may shrink, and none may join them. */
const LARGER: Readonly<Record<string, number>> = {}

/** What each folder may import beside itself; dependency-cruiser reads the same table. */
const MAY_IMPORT = JSON.parse(readFileSync('scripts/lib/may-import.json', 'utf8')) as Readonly<Record<string, readonly string[]>>

const tree = readSourceTree()

t.test('imports point one way', async (t) => {
  const wrong = tree.flatMap((file) =>
    file.imports.filter(({ path }) => !mayImport(file, path)).map(({ path }) => `${file.path} imports ${path}`),
  )
  t.strictSame(wrong, [])
  t.strictSame(
    [...new Set(tree.map((file) => file.folder))].filter((folder) => folder !== '' && !(folder in MAY_IMPORT)),
    [],
    'folders without a rule',
  )
})

t.test('adapters are known to the composition root alone', async (t) => {
  const outsiders = tree.filter((file) => file.folder !== 'adapters' && !/^src\/daemon\/compose[^/]*\.ts$/.test(file.path))
  t.strictSame(
    outsiders.filter((file) => file.imports.some(({ path }) => path.startsWith('src/adapters/'))).map((file) => file.path),
    [],
  )
})

t.test('no file is needed by what it needs', async (t) => {
  t.strictSame(findCycle(), [])
})

t.test('files are small', async (t) => {
  const tooLarge = tree.filter((file) => file.lines >= (LARGER[file.path] ?? MAX_FILE_LINES))
  t.strictSame(
    tooLarge.map((file) => `${file.path} has ${String(file.lines)} lines`),
    [],
  )
})

t.test('functions are small', async (t) => {
  const functions = tree.flatMap((file) => file.functions.map(({ name, lines }) => ({ name: `${file.path}: ${name}`, lines })))
  const lengths = functions.map(({ lines }) => lines).sort((left, right) => left - right)
  t.strictSame(
    functions.filter(({ lines }) => lines > MAX_FUNCTION_LINES),
    [],
  )
  t.ok(quantile(lengths, 0.5) < MEDIAN_FUNCTION_LINES, `the median is ${String(quantile(lengths, 0.5))} lines`)
  t.ok(quantile(lengths, 0.9) < NINETIETH_PERCENTILE_FUNCTION_LINES, `the 90th percentile is ${String(quantile(lengths, 0.9))} lines`)
})

function mayImport(file: SourceFile, target: string): boolean {
  const folder = target.split('/')[1] ?? ''
  return file.folder === '' || folder === file.folder || (MAY_IMPORT[file.folder] ?? []).includes(folder)
}

/** The first circle of imports, as a list of paths; empty when there is none. A dynamic import is a choice at run time. */
function findCycle(): readonly string[] {
  const files = new Map(tree.map((file) => [file.path, file]))
  const finished = new Set<string>()
  const follow = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (finished.has(path)) return []
    for (const target of files.get(path)?.imports ?? []) {
      const cycle = target.dynamic ? [] : follow(target.path, [...trail, path])
      if (cycle.length > 0) return cycle
    }
    finished.add(path)
    return []
  }
  return tree.map((file) => follow(file.path, [])).find((cycle) => cycle.length > 0) ?? []
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.floor(sorted.length * part)] ?? 0
}
