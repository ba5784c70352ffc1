import type { PortCall } from '../fakes/simulated-gate.ts'
import { createDigest } from './digest.ts'
import { INVARIANTS } from './invariants/index.ts'
import type { Watcher } from './invariants/invariant.ts'
import { actOf, changesTheWorld } from './operations.ts'
import type { World } from './world.ts'

/** An invariant that did not hold. */
export interface Violation {
  readonly invariant: string
  readonly detail: string
  /** Calls and timers up to it. */
  readonly step: number
  readonly atMs: number
  /** The last calls and lines of the journal before it. */
  readonly trace: readonly string[]
}

/** Ends a run at the step at which something was found. */
export class ViolationFound extends Error {
  override readonly name = 'ViolationFound'
  readonly violation: Violation

  constructor(violation: Violation) {
    super(`${violation.invariant}: ${violation.detail}`)
    this.violation = violation
  }
}

export interface Observation {
  /** Calls of pgwatchd, and timers. */
  readonly steps: number
  /** Calls that change the world. */
  readonly operations: number
  /** The same for every run of one seed, down to the last call. */
  digest(): string
  /** Asks what has to be true at the end. Throws `ViolationFound`. */
  end(): void
}

const TRACED = 80

interface Traced {
  readonly atMs: number
  readonly what: string
  readonly object: string
}

function render({ atMs, what, object }: Traced): string {
  return `${atMs} ${what} ${object}`
}

/** Watches every invariant in a world; its `pass` rejects with `ViolationFound` at the first that does not hold. */
export function observe(world: World, onTrace?: (line: string) => void): Observation {
  return new WorldObservation(world, onTrace)
}

class WorldObservation implements Observation {
  steps = 0
  operations = 0
  readonly #world: World
  readonly #watchersOf: Readonly<Record<keyof Watcher, readonly Watcher[]>>
  readonly #onTrace: ((line: string) => void) | undefined
  readonly #trace: Traced[] = []
  readonly #digest = createDigest()
  #found: Violation | undefined
  #journalRead = 0

  constructor(world: World, onTrace: ((line: string) => void) | undefined) {
    this.#world = world
    this.#onTrace = onTrace
    const watchers = INVARIANTS.map(({ name, watch }) => watch(world, (detail) => this.#find(name, detail)))
    const having = (hook: keyof Watcher): readonly Watcher[] => watchers.filter((watcher) => watcher[hook] !== undefined)
    this.#watchersOf = {
      onCall: having('onCall'),
      onAct: having('onAct'),
      onDone: having('onDone'),
      onStep: having('onStep'),
      onEnd: having('onEnd'),
    }
    world.machine.gate.hook((call) => this.#see(call))
    world.machine.gate.listen((call, given) => this.#ask('onDone', call, given))
    world.machine.clock.onStep = () => this.#step()
  }

  digest(): string {
    return this.#digest.hex()
  }

  end(): void {
    this.#ask('onEnd')
    this.#stopIfFound()
  }

  #see(call: PortCall): 'pass' {
    this.steps += 1
    this.#note(call.operation, call.object)
    if (changesTheWorld(call)) this.operations += 1
    this.#ask('onCall', call)
    const act = actOf(call)
    if (act !== undefined) this.#ask('onAct', act)
    return 'pass'
  }

  #step(): void {
    this.steps += 1
    const { journal } = this.#world.machine
    for (; this.#journalRead < journal.length; this.#journalRead += 1) {
      const { level, message } = journal[this.#journalRead]!
      this.#note(`  ${level}:`, message)
    }
    this.#ask('onStep')
    this.#stopIfFound()
  }

  /** A mistake in an invariant must not reach pgwatchd, which would take it for one of its own. */
  #ask<Hook extends keyof Watcher>(hook: Hook, ...given: Parameters<NonNullable<Watcher[Hook]>>): void {
    try {
      for (const watcher of this.#watchersOf[hook]) (watcher[hook] as (...given: unknown[]) => void)(...given)
    } catch (error) {
      this.#find('the simulation itself', error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
  }

  #note(what: string, object: string): void {
    const atMs = this.#world.machine.clock.elapsedMs()
    this.#digest.add(atMs, what, object)
    this.#onTrace?.(render({ atMs, what, object }))
    this.#trace.push({ atMs, what, object })
    if (this.#trace.length > 8 * TRACED) this.#trace.splice(0, 7 * TRACED)
  }

  #find(invariant: string, detail: string): void {
    this.#found ??= {
      invariant,
      detail,
      step: this.steps,
      atMs: this.#world.machine.clock.elapsedMs(),
      trace: this.#trace.slice(-TRACED).map(render),
    }
  }

  #stopIfFound(): void {
    if (this.#found !== undefined) throw new ViolationFound(this.#found)
  }
}
