import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { SCENARIOS } from '../scenarios/index.ts'

/** A mistake that somebody could make, kept as a patch of `src/`. */
export interface Variant {
  /** The file's name without its ending. */
  readonly name: string
  readonly path: string
  /** One sentence: what is wrong. */
  readonly wrong: string
  /** The scenario that is tried first, which only saves time. */
  readonly first: string
}

const HEADER = /^# wrong: (.+)\n# first: (.+)\n/

/** Every variant, by name. Throws for a patch that does not say what is wrong. */
export function readVariants(directory: string): readonly Variant[] {
  return globSync(join(directory, '*.patch')).sort().map(readVariant)
}

function readVariant(path: string): Variant {
  const [, wrong, first] = HEADER.exec(readFileSync(path, 'utf8')) ?? []
  if (wrong === undefined || first === undefined) throw new Error(`${path} begins with "# wrong: SENTENCE" and "# first: SCENARIO"`)
  if (!SCENARIOS.some(({ name }) => name === first)) throw new Error(`${path}: there is no scenario "${first}"`)
  return { name: basename(path, '.patch'), path, wrong, first }
}
