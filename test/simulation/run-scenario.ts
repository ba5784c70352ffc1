import type { Fate, PortCall } from '../fakes/simulated-gate.ts'
import { observe, type Observation, type Violation, ViolationFound } from './observe.ts'
import { changesTheWorld } from './operations.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { createWorld, isServing, type World } from './world.ts'

/** From the last thing that happens to the end of the run; longer than all attempts with their pauses. */
const SETTLE_MS = 12 * 60_000
const FIRST_LOOK_MS = 2_000
const NEVER_SERVED = 'settled'

/** What is done at an operation; the result is its fate. */
export type Meddle = (world: World, operation: number, call: PortCall) => Fate

export interface ScenarioRun {
  readonly violation: Violation | undefined
  /** Operations from the beginning of the scenario on. */
  readonly operations: number
  readonly steps: number
  readonly simulatedMs: number
  readonly deaths: number
  readonly digest: string
}

export interface ScenarioOptions {
  readonly seed: number
  /** Asked at each operation from the beginning of the scenario on, counted from 1. */
  readonly meddle?: Meddle
  /** How it ends at the least; that of the scenario unless given. */
  readonly ends?: Scenario['ends']
  readonly onTrace?: ((line: string) => void) | undefined
}

/** Plays one scenario from a healthy host to its end and some time beyond. */
export async function runScenario(scenario: Scenario, options: ScenarioOptions): Promise<ScenarioRun> {
  const { seed, meddle = () => 'pass', ends = scenario.ends, onTrace } = options
  const world = createWorld({ seed, yaml: scenario.yaml ?? '' })
  const observation = observe(world, onTrace)
  const played = { operations: 0, struckMs: 0 }
  const violation = await find(async () => {
    world.start()
    await world.pass(FIRST_LOOK_MS)
    world.machine.gate.hook((call) => {
      if (!changesTheWorld(call)) return 'pass'
      played.operations += 1
      const fate = meddle(world, played.operations, call)
      if (fate !== 'pass') played.struckMs = world.machine.clock.elapsedMs()
      return fate
    })
    scenario.play(world)
    await world.pass(scenario.lastsMs + SETTLE_MS)
    if (isRecent(world, played.struckMs)) await world.pass(SETTLE_MS)
    observation.end()
    if (ends === 'healthy') expectService(world, observation)
  })
  return {
    violation,
    operations: played.operations,
    steps: observation.steps,
    simulatedMs: world.machine.clock.elapsedMs(),
    deaths: world.deaths.length,
    digest: observation.digest(),
  }
}

/** A blow near the end leaves no time to recover from it. */
function isRecent({ deaths, machine }: World, struckMs: number): boolean {
  return machine.clock.elapsedMs() - Math.max(struckMs, deaths.at(-1) ?? 0) < SETTLE_MS
}

function expectService(world: World, { steps }: Observation): void {
  const mode = world.daemon()?.watch().state.mode
  if (mode === 'healthy' && isServing(world)) return
  const detail = `the server should serve again, and is ${world.machine.server.phase}; the mode is ${mode ?? 'none'}`
  throw new ViolationFound({ invariant: NEVER_SERVED, detail, step: steps, atMs: world.machine.clock.elapsedMs(), trace: [] })
}

/** The violation that ends `work`. */
export async function find(work: () => Promise<void>): Promise<Violation | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (error instanceof ViolationFound) return error.violation
    throw error
  }
}
