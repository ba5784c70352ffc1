import type { Random } from '../../src/ports/random.ts'
import type { Fate, PortCall } from '../fakes/simulated-gate.ts'
import { CRASHES, draw, drawError, drawNumber, drawStrike, randomOf } from './draw.ts'
import { mend, resume, seizeCluster, startByOperator, yieldCluster } from './hands.ts'
import { beBusy } from './load.ts'
import { renderStrike, strikeAt, type Strike } from './meddling.ts'
import { observe, type Violation } from './observe.ts'
import { changesTheWorld } from './operations.ts'
import { find, type Meddle } from './run-scenario.ts'
import { SCENARIOS } from './scenarios/index.ts'
import { MINUTE_MS } from './scenarios/scenario.ts'
import { createWorld, isServing, type World } from './world.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Nothing new begins from here on. */
const LAST_TROUBLE_MS = 21 * HOUR_MS
/** The last fault: what then still is broken is mended; the rest of the day is for coming to an end. */
const LAST_FAULT_MS = 23 * HOUR_MS
const TROUBLES = { atLeast: 3, atMost: 8 }
/** How many operations after a trouble begins it is struck, at most. */
const STRIKE_WITHIN = 400
const STRIKES_AT_A_TROUBLE = 3

const CONFIGURATIONS = [
  '',
  'recovery: { disk: { ballast: 33554432B } }',
  'recovery: { start: { stall_timeout: 60s }, disk: { ballast: 0 } }',
  'watch: { operator_stop: { action: hold } }',
  'watch: { failures: 1, operator_stop: { grace: 30s } }',
]

/** A day of a host on which much goes wrong, all of it drawn from the seed. */
export interface Day {
  readonly kind: 'day'
  readonly seed: number
}

export interface DayRun {
  readonly violation: Violation | undefined
  readonly operations: number
  readonly steps: number
  readonly simulatedMs: number
  readonly deaths: number
  readonly powerCuts: number
  /** What began, with its moment. */
  readonly troubles: readonly string[]
  /** Strikes that came to something, and those that no operation came for. */
  readonly struck: readonly string[]
  readonly spared: readonly string[]
  readonly ends: string
  readonly digest: string
}

/** The trouble that somebody makes who owns the cluster for a while; the others are those of the scenarios. */
const SEIZED = 'somebody else owns the cluster for a while'
const TROUBLE_NAMES = [...SCENARIOS.map(({ name }) => name), SEIZED]

export async function playDay({ seed }: Day, onTrace?: (line: string) => void): Promise<DayRun> {
  const random = randomOf(seed)
  const world = createWorld({ seed, yaml: draw(random, CONFIGURATIONS) })
  const observation = observe(world, onTrace)
  const day = new Course(world, random)
  const violation = await find(async () => {
    world.start()
    day.begin()
    await world.pass(DAY_MS)
    observation.end()
  })
  return {
    violation,
    operations: observation.operations,
    steps: observation.steps,
    simulatedMs: world.machine.clock.elapsedMs(),
    deaths: world.deaths.length,
    powerCuts: world.powerCuts,
    ...day.told(),
    ends: world.daemon()?.watch().state.mode ?? 'dead',
    digest: observation.digest(),
  }
}

/** What happens in the day, while it happens. */
class Course {
  readonly #world: World
  readonly #random: Random
  readonly #troubles: string[] = []
  /** Every one that was drawn, with what does it. */
  readonly #strikes = new Map<Strike, Meddle>()
  readonly #struck = new Set<Strike>()
  #isOver = false
  #operations = 0

  constructor(world: World, random: Random) {
    this.#world = world
    this.#random = random
  }

  begin(): void {
    const { gate } = this.#world.machine
    gate.hook((call) => {
      if (!changesTheWorld(call)) return 'pass'
      this.#operations += 1
      return this.#isOver ? 'pass' : this.#meddle(call)
    })
    const troubles = TROUBLES.atLeast + drawNumber(this.#random, TROUBLES.atMost - TROUBLES.atLeast + 1)
    for (let time = 0; time < troubles; time += 1)
      this.#world.later(MINUTE_MS + this.#random.fraction() * LAST_TROUBLE_MS, () => this.#make(draw(this.#random, TROUBLE_NAMES)))
    this.#world.later(this.#random.fraction() * LAST_TROUBLE_MS, () => beBusy(this.#world, this.#random, HOUR_MS))
    this.#world.later(LAST_FAULT_MS, () => this.#end())
  }

  #meddle(call: PortCall): Fate {
    for (const [strike, meddle] of this.#strikes) {
      const fate = meddle(this.#world, this.#operations, call)
      if (fate === 'pass') continue
      this.#struck.add(strike)
      return fate
    }
    return 'pass'
  }

  told(): Pick<DayRun, 'troubles' | 'struck' | 'spared'> {
    const render = (isStruck: boolean): readonly string[] =>
      [...this.#strikes.keys()].filter((strike) => this.#struck.has(strike) === isStruck).map(renderStrike)
    return { troubles: this.#troubles, struck: render(true), spared: render(false) }
  }

  /** What begins on a server that serves; one that does not has trouble enough. */
  #make(name: string): void {
    const world = this.#world
    if (!isServing(world)) return
    this.#troubles.push(`${Math.round(world.machine.clock.elapsedMs() / MINUTE_MS)} min: ${name}`)
    const scenario = SCENARIOS.find((each) => each.name === name)
    if (scenario === undefined) this.#seize()
    else scenario.play(world)
    this.#strike()
    const lastsMs = scenario?.lastsMs ?? 0
    world.later(lastsMs + this.#random.fraction() * HOUR_MS, () => this.#visit())
  }

  #seize(): void {
    seizeCluster(this.#world)
    this.#world.later(this.#random.fraction() * HOUR_MS, () => yieldCluster(this.#world))
  }

  #strike(): void {
    const count = drawNumber(this.#random, STRIKES_AT_A_TROUBLE + 1)
    for (let time = 0; time < count; time += 1) {
      const blow = this.#random.fraction() < 0.6 ? draw(this.#random, CRASHES) : drawError(this.#random, this.#random.fraction() < 0.5)
      const strike = drawStrike(this.#random, blow, this.#operations, this.#operations + STRIKE_WITHIN)
      this.#strikes.set(strike, strikeAt([strike]))
    }
  }

  /** A person comes, mends what is broken, and mostly tells pgwatchd so. */
  #visit(): void {
    mend(this.#world)
    if (this.#random.fraction() < 0.3) void startByOperator(this.#world)
    if (this.#random.fraction() < 0.8) void resume(this.#world)
  }

  /** No strike of the day is left over. */
  #end(): void {
    this.#isOver = true
    mend(this.#world)
    if (this.#random.fraction() < 0.5) void resume(this.#world)
  }
}
