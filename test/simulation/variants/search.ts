/** Plays candidates on the code beside it until the first violation: `node search.ts FIRST-SCENARIO`. Prints what it found as JSON. */
import { renderStrike } from '../meddling.ts'
import { playStory, type Story, type StoryRun } from '../story.ts'
import { type Candidate, candidates, renderCandidate, SEED } from './candidates.ts'

/** What a search came to. */
export interface Found {
  /** Every candidate that was played; the last one found it. */
  readonly candidates: readonly Candidate[]
  /** The last one, for people. */
  readonly last: string
  /** Absent when none of them found anything. */
  readonly invariant?: string
  readonly detail?: string
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await search(process.argv[2] ?? ''))}\n`)

async function search(first: string): Promise<Found> {
  const played: Candidate[] = []
  let last = ''
  for await (const candidate of candidates(first, countOperations)) {
    const { violation } = await play(candidate)
    played.push(candidate)
    last = renderCandidate(candidate)
    if (violation !== undefined) return { candidates: played, last, invariant: violation.invariant, detail: violation.detail }
  }
  return { candidates: played, last }
}

function play(candidate: Candidate): Promise<StoryRun> {
  return playStory(storyOf(candidate))
}

export function storyOf({ scenario, strikes }: Candidate): Story {
  return { kind: 'story', scenario, seed: SEED, strikes: strikes.map(renderStrike) }
}

async function countOperations(scenario: string): Promise<number> {
  return (await play({ scenario, strikes: [] })).operations
}
