import t from 'tap'
import { recordFigures } from '../support/reliability.ts'
import { CRASHES, draw, drawError, drawStrike, randomOf } from './draw.ts'
import { renderStrike, type Strike } from './meddling.ts'
import { SCENARIOS } from './scenarios/index.ts'
import type { Scenario } from './scenarios/scenario.ts'
import type { Story, StoryRun } from './story.ts'
import { commandOf } from './task.ts'
import { startWorkers } from './workers.ts'

const FULL = process.env['PGWATCHD_TEST_FULL'] === '1'
const SEED = Number(process.env['PGWATCHD_TEST_SEED'] ?? 1)
const ERRORS_SAMPLED = 4

t.setTimeout(FULL ? 14_400_000 : 600_000)

interface Told {
  readonly story: Story
  readonly run: StoryRun
}

interface Tale {
  readonly scenario: Scenario
  readonly clean: readonly [StoryRun, StoryRun]
  readonly told: readonly Told[]
}

const workers = startWorkers()
t.teardown(() => workers.end())
const tales = await Promise.all(SCENARIOS.map(tellAll))
const hitInAny = new Set(tales.flatMap(({ told }) => told.flatMap(({ run }) => run.hits)))
recordFigures('simulation-stories', `./scripts/test${FULL ? ' --full' : ''} --only simulation`, tales.map(figureOf))

for (const { scenario, clean, told } of tales) {
  t.test(scenario.name, async (t) => {
    t.equal(clean[0].violation, undefined, `clean: ${commandOf(storyOf(scenario, []))}`)
    t.equal(clean[1].digest, clean[0].digest, 'the same seed is the same run')
    for (const { story, run } of told.filter(({ run }) => run.violation !== undefined))
      t.fail(`${run.violation!.invariant}: ${run.violation!.detail}\n${commandOf(story)}`)
    t.ok(
      told.some(({ run }) => run.hits.some((hit) => hit !== undefined)),
      'strikes were hit',
    )
  })
}

function storyOf({ name }: Scenario, strikes: readonly Strike[]): Story {
  return { kind: 'story', scenario: name, seed: SEED, strikes: strikes.map(renderStrike) }
}

async function tellAll(scenario: Scenario, index: number): Promise<Tale> {
  const tell = (strikes: readonly Strike[]): Promise<StoryRun> => workers.play(storyOf(scenario, strikes))
  const clean = await Promise.all([tell([]), tell([])])
  const random = randomOf(SEED, index)
  const { operations } = clean[0]
  const told = await Promise.all((FULL ? everyStrike(operations) : sampleStrikes(operations)).map(tellOne))
  return { scenario, clean, told: told.flat() }

  /** With a crash, also once more: a second crash while it recovers from the first. */
  async function tellOne(strike: Strike): Promise<readonly Told[]> {
    const run = await tell([strike])
    const first = { story: storyOf(scenario, [strike]), run }
    if (strike.blow.kind === 'error' || run.operations <= strike.operation) return [first]
    const again = randomOf(SEED, strike.operation)
    const second = drawStrike(again, draw(again, CRASHES), strike.operation, run.operations)
    return [first, { story: storyOf(scenario, [strike, second]), run: await tell([strike, second]) }]
  }

  /** Each way to die at an operation drawn, and a few errors. */
  function sampleStrikes(operations: number): readonly Strike[] {
    const errors = Array.from({ length: ERRORS_SAMPLED }, (_, time) => drawError(random, time % 2 === 1))
    return [...CRASHES, ...errors].map((blow) => drawStrike(random, blow, 0, operations))
  }

  /** Each way to die at every operation, and an error of each length. */
  function everyStrike(operations: number): readonly Strike[] {
    return Array.from({ length: operations }, (_, before) => before + 1).flatMap((operation) =>
      [...CRASHES, drawError(random, false), drawError(random, true)].map((blow) => ({ operation, blow })),
    )
  }
}

function figureOf({ scenario, clean, told }: Tale): object {
  const labels = new Set(clean[0].labels)
  const strikes = told.flatMap(({ run }) => run.hits)
  return {
    kind: scenario.name,
    full: FULL,
    seed: SEED,
    operations: clean[0].operations,
    runs: told.length,
    strikes: strikes.length,
    hit: strikes.filter((hit) => hit !== undefined).length,
    pairs: told.filter(({ story }) => story.strikes.length > 1).length,
    deaths: told.reduce((sum, { run }) => sum + run.deaths, 0),
    simulatedMs: told.reduce((sum, { run }) => sum + run.simulatedMs, 0),
    violations: [clean[0], ...told.map(({ run }) => run)].filter(({ violation }) => violation !== undefined).length,
    labels: labels.size,
    labelsNotHit: [...labels].filter((label) => !hitInAny.has(label)),
  }
}
