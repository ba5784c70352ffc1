/** What the repair of one relation came to. */
export interface Repair {
  readonly did: readonly string[]
  /** What is left to a person, and why. */
  readonly notDone: readonly string[]
  /** Whether the damaged file was read from disk afterwards and is whole, or does not exist any more. */
  readonly proven: boolean
}

/** Nothing was done, for the reason given. */
export function leaveToPerson(why: string): Repair {
  return { did: [], notDone: [why], proven: true }
}
