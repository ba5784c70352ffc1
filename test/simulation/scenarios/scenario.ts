import type { World } from '../world.ts'

/** A story that is played again and again, each time with a crash or an error at another of its operations. */
export interface Scenario {
  readonly name: string
  /** Appended to the configuration. */
  readonly yaml?: string
  /** Arranges what happens, from a host on which all is well. */
  play(world: World): void
  /** By when everything has happened. */
  readonly lastsMs: number
  /** How it ends whatever is added: the server serves, or a person has been told. */
  readonly ends: 'healthy' | 'told'
}

export const SECOND_MS = 1_000
export const MINUTE_MS = 60_000
