/** Plays candidates on the code beside it until the first violation: `node search.ts FIRST-SCENARIO`. Prints what it found as JSON. */
import { strikeAt } from '../meddling.ts'
import { runScenario, type ScenarioRun } from '../run-scenario.ts'
import { type Candidate, candidates, renderCandidate, scenarioOf, SEED } from './candidates.ts'

/** What a search came to. */
export interface Found {
  /** How many candidates were played, the last of which found it. */
  readonly runs: number
  /** The last one, for people and for `reproduce.ts`. */
  readonly candidate: string
  /** Absent when none of them found anything. */
  readonly invariant?: string
  readonly detail?: string
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await search(process.argv[2] ?? ''))}\n`)

async function search(first: string): Promise<Found> {
  let [runs, last] = [0, '']
  for await (const candidate of candidates(first, countOperations)) {
    const { violation } = await play(candidate)
    runs += 1
    last = renderCandidate(candidate)
    if (violation !== undefined) return { runs, candidate: last, invariant: violation.invariant, detail: violation.detail }
  }
  return { runs, candidate: last }
}

/** What lasts may use up the attempts; then a person was told, which is as good an end. */
function play(candidate: Candidate): Promise<ScenarioRun> {
  const scenario = scenarioOf(candidate)
  const lasts = candidate.strikes.some(({ blow }) => blow.kind === 'error' && blow.lasts)
  return runScenario(scenario, { seed: SEED, meddle: strikeAt(candidate.strikes), ends: lasts ? 'told' : scenario.ends })
}

async function countOperations(scenario: string): Promise<number> {
  return (await play({ scenario, strikes: [] })).operations
}
