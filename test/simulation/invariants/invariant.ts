import type { PortCall } from '../../fakes/simulated-gate.ts'
import type { Act } from '../operations.ts'
import type { World } from '../world.ts'

/** What must be true after every step, whatever befalls the machine. */
export interface Invariant {
  /** The file's name. */
  readonly name: string
  /** One sentence. */
  readonly meaning: string
  /** Watches one world; `violate` tells what is wrong, and ends the run. */
  watch(world: World, violate: (detail: string) => void): Watcher
}

export interface Watcher {
  /** Before a call of pgwatchd reaches the world. */
  onCall?(call: PortCall): void
  /** Before pgwatchd does something to the cluster. */
  onAct?(act: Act): void
  /** After a call came back well, with what was given to it. */
  onDone?(call: PortCall, given: readonly unknown[]): void
  /** After each timer, when nothing moves by itself any more. */
  onStep?(): void
  /** Once the last fault is long over. */
  onEnd?(): void
}
