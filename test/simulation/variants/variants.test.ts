import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { recordFigures } from '../../support/reliability.ts'
import { type Candidate, renderCandidate } from './candidates.ts'
import { makePatchedTree } from './patched-tree.ts'
import { startWorkers } from '../workers.ts'
import { type Found, storyOf } from './search.ts'
import { readVariants, type Variant } from './variant.ts'

const PROJECT = join(import.meta.dirname, '../../..')
const AT_A_TIME = 2
const SEARCH_TIMEOUT_MS = 90_000
const LEAST = 20

t.setTimeout(600_000)

const run = promisify(execFile)
const variants = readVariants(import.meta.dirname)
/** Not found within a short search: each is a hole in the simulation, or no mistake after all. */
const open = readVariants(join(import.meta.dirname, 'open'))
const found = new Map<Variant, Found | Error>()
const left = [...variants]

async function work(): Promise<void> {
  for (let variant = left.shift(); variant !== undefined; variant = left.shift())
    found.set(variant, await search(variant).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error)))))
}

async function search(variant: Variant): Promise<Found> {
  await using tree = await makePatchedTree(variant, PROJECT)
  const program = join(tree.directory, 'test/simulation/variants/search.ts')
  const { stdout } = await run(process.execPath, [program, variant.first], { timeout: SEARCH_TIMEOUT_MS, maxBuffer: 1 << 24 })
  return JSON.parse(stdout) as Found
}

await Promise.all(Array.from({ length: AT_A_TIME }, work))

t.ok(variants.length >= LEAST, `there are at least ${LEAST} wrong variants`)
for (const variant of variants) {
  const result = found.get(variant)
  t.test(`${variant.name}: ${variant.wrong}`, async (t) => {
    if (result instanceof Error) throw result
    t.ok(
      result?.invariant,
      `found by ${result?.invariant ?? 'nothing'} after ${result?.candidates.length ?? 0} runs, with ${result?.last ?? ''}`,
    )
  })
}

t.test('the code as it is passes every one of these runs', async (t) => {
  const played = new Map<string, Candidate>()
  for (const result of found.values())
    if (!(result instanceof Error)) for (const candidate of result.candidates) played.set(renderCandidate(candidate), candidate)
  const workers = startWorkers()
  t.teardown(() => workers.end())
  const replay = async ([name, candidate]: [string, Candidate]): Promise<void> => {
    const { violation } = await workers.play(storyOf(candidate))
    if (violation !== undefined) t.fail(`${name}: ${violation.invariant}: ${violation.detail}`)
  }
  await Promise.all([...played].map(replay))
  t.ok(played.size > 0, `${played.size} runs`)
})

recordFigures('variants', './scripts/test --only simulation', [...variants, ...open].map(figureOf))

function figureOf(variant: Variant): object {
  const result = found.get(variant)
  const { invariant = '', last = '', candidates = [] } = result instanceof Error || result === undefined ? {} : result
  return { variant: variant.name, wrong: variant.wrong, invariant, by: last, runs: candidates.length }
}
