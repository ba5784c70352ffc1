import type { PortCall } from '../fakes/simulated-gate.ts'
import { parseStrike, strikeAt, type Strike } from './meddling.ts'
import { runScenario, type ScenarioRun } from './run-scenario.ts'
import { SCENARIOS } from './scenarios/index.ts'
import type { Scenario } from './scenarios/scenario.ts'

/** A scenario with what strikes it, in words that a worker and a command line can be given. */
export interface Story {
  readonly kind: 'story'
  readonly scenario: string
  readonly seed: number
  /** As `renderStrike` writes them, in the order of their operations. */
  readonly strikes: readonly string[]
}

export interface StoryRun extends ScenarioRun {
  /** Every operation, in order, by what it does. */
  readonly labels: readonly string[]
  /** What each strike hit; `undefined` for one that was never reached. */
  readonly hits: readonly (string | undefined)[]
}

const INCIDENT = /\d{8}T\d{6}Z-15-main-[a-z-]+-[0-9a-f]{4}/g
const MOMENT = /\d{8}T\d{6}Z/g
const MAIL = /\d{15}-[0-9a-f]{8}/g
const TEMPORARY = /\.[0-9a-f]+\.new/g

export async function playStory({ scenario, seed, strikes }: Story, onTrace?: (line: string) => void): Promise<StoryRun> {
  const parsed = strikes.map(parseStrike)
  const meddles = parsed.map((strike) => strikeAt([strike]))
  const labels: string[] = []
  const hits: (string | undefined)[] = parsed.map(() => undefined)
  const played = findScenario(scenario)
  const run = await runScenario(played, {
    seed,
    ends: endsOf(played, parsed),
    onTrace,
    meddle(world, operation, call) {
      labels.push(labelOf(call))
      for (const [index, meddle] of meddles.entries()) {
        const fate = meddle(world, operation, call)
        if (fate === 'pass') continue
        hits[index] ??= labelOf(call)
        return fate
      }
      return 'pass'
    },
  })
  return { ...run, labels, hits }
}

/** A crash loses nothing but time; an error may be one that only a person can mend. */
function endsOf({ ends }: Scenario, strikes: readonly Strike[]): Scenario['ends'] {
  return strikes.some(({ blow }) => blow.kind === 'error') ? 'told' : ends
}

function findScenario(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name)
  if (found === undefined) throw new Error(`no scenario is called: ${name}`)
  return found
}

/** The same for the same operation of every run: without what is drawn for a name, and without the text of a mail. */
function labelOf({ operation, object }: PortCall): string {
  if (operation === 'mailer send') return operation
  const named = object.replaceAll(INCIDENT, 'INCIDENT').replaceAll(MOMENT, 'MOMENT').replaceAll(MAIL, 'MAIL')
  return `${operation} ${named.replaceAll(TEMPORARY, '.*.new')}`
}
