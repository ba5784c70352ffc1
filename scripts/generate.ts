/**
 * Writes the files that are made of the source: `node scripts/generate.ts`. With `--check` it writes nothing and exits
 * with 1 when a file is not what it would write.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { argv, exit, stdout } from 'node:process'
import { renderExample } from '../src/config/render-example.ts'
import { renderSchema } from '../src/config/render-schema.ts'
import { COMPLETION_GENERATORS } from './generators/completions.ts'
import { CONFIG_MANUAL_GENERATOR } from './generators/config-man.ts'
import { MANUAL_GENERATOR } from './generators/man.ts'
import { remediesGenerator } from './generators/remedies.ts'
import { statesGenerator } from './generators/states.ts'

/** A generated file, by its path in the project. */
interface Generator {
  readonly file: string
  render(): string | Promise<string>
}

const GENERATORS: readonly Generator[] = [
  { file: 'config/pgwatch.yaml', render: renderExample },
  { file: 'config/pgwatch.schema.json', render: renderSchema },
  ...COMPLETION_GENERATORS,
  MANUAL_GENERATOR,
  CONFIG_MANUAL_GENERATOR,
  statesGenerator,
  remediesGenerator,
]

const PROJECT = join(import.meta.dirname, '..')

/** True when the file is there and as it should be. */
async function check({ file, render }: Generator): Promise<boolean> {
  const [wanted, present] = [await render(), readPresent(file)]
  if (wanted === present) return true
  stdout.write(`${file} is not as generated${hint(wanted, present)}; run "npm run generate"\n`)
  return false
}

/** The first line in which the two differ. */
function hint(wanted: string, present: string | undefined): string {
  if (present === undefined) return ': it is missing'
  const [wantedLines, presentLines] = [wanted.split('\n'), present.split('\n')]
  const index = wantedLines.findIndex((line, at) => line !== presentLines[at])
  const line = index < 0 ? wantedLines.length : index
  return `: line ${line + 1}\n  - ${presentLines[line] ?? '(end)'}\n  + ${wantedLines[line] ?? '(end)'}\n`
}

function readPresent(file: string): string | undefined {
  try {
    return readFileSync(join(PROJECT, file), 'utf8')
  } catch {
    return undefined
  }
}

async function write({ file, render }: Generator): Promise<boolean> {
  const content = await render()
  if (readPresent(file) === content) return true
  mkdirSync(dirname(join(PROJECT, file)), { recursive: true })
  writeFileSync(join(PROJECT, file), content)
  stdout.write(`wrote ${file}\n`)
  return true
}

const handle = argv.includes('--check') ? check : write
let allRight = true
for (const generator of GENERATORS) allRight = (await handle(generator)) && allRight
exit(allRight ? 0 : 1)
