import type { Random } from '../../../src/ports/random.ts'
import { OUTCOMES } from '../../fakes/disk/power-cut.ts'
import { createFakeRandom } from '../../fakes/random.ts'
import { type Blow, ERRORS, renderStrike, type Strike } from '../meddling.ts'
import { SCENARIOS } from '../scenarios/index.ts'

/** One run that may find something. */
export interface Candidate {
  readonly scenario: string
  readonly strikes: readonly Strike[]
}

/** How many operations a scenario has when nothing is done to it. */
export type Count = (scenario: string) => Promise<number>

export const SEED = 1
/** Runs with strikes: of the scenario that is tried first, and of each other. */
const STRUCK_FIRST = 60
const STRUCK_OTHERS = 3
/** A second blow comes so many operations after the first one, at most. */
const WITHIN_OPERATIONS = 25

const BLOWS: readonly Blow[] = [
  { kind: 'kill', within: false },
  { kind: 'kill', within: true },
  ...OUTCOMES.map((outcome) => ({ kind: 'power-cut', outcome }) as const),
  ...ERRORS.flatMap((code) => [false, true].map((lasts) => ({ kind: 'error', code, lasts }) as const)),
]

/** The same runs for every variant but for their order: each scenario as it is, and with blows at operations drawn by lot. */
export async function* candidates(first: string, count: Count): AsyncGenerator<Candidate> {
  yield { scenario: first, strikes: [] }
  yield* struck(first, STRUCK_FIRST, count)
  const others = SCENARIOS.map(({ name }) => name).filter((name) => name !== first)
  yield* others.map((scenario) => ({ scenario, strikes: [] }))
  for (const other of others) yield* struck(other, STRUCK_OTHERS, count)
}

/** "killed", "killed, EIO@12 kill@20" */
export function renderCandidate({ scenario, strikes }: Candidate): string {
  return strikes.length === 0 ? scenario : `${scenario}: ${strikes.map(renderStrike).join(' ')}`
}

async function* struck(scenario: string, runs: number, count: Count): AsyncGenerator<Candidate> {
  const operations = await count(scenario)
  const random = createFakeRandom(SEED)
  for (let run = 0; run < runs; run += 1) yield { scenario, strikes: draw(random, operations) }
}

/** One blow, or two where a third of the lots says so: what mends the first one may be hit by the second. */
function draw(random: Random, operations: number): readonly Strike[] {
  const operation = 1 + below(random, operations)
  const strike = { operation, blow: pick(random) }
  if (below(random, 3) > 0) return [strike]
  return [strike, { operation: operation + 1 + below(random, WITHIN_OPERATIONS), blow: pick(random) }]
}

function pick(random: Random): Blow {
  return BLOWS[below(random, BLOWS.length)] ?? { kind: 'kill', within: false }
}

function below(random: Random, limit: number): number {
  return Math.floor(random.fraction() * limit)
}
