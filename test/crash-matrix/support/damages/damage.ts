import type { Stage } from '../stage.ts'

/** What one kind of damage left, and what must come of it. */
export interface Made {
  /** Attempts that pgwatchd makes for it, however often it is killed meanwhile. */
  readonly attempts: number
  /** What the application goes on doing, which meets the damage; resolves once it is served. */
  readonly use?: () => Promise<unknown>
  /** A person, where pgwatchd cannot mend it alone: waits for a mail with that subject, then acts. */
  readonly person?: { readonly told: RegExp; readonly act: () => Promise<void> }
  /** What is wrong at the end, beside what is looked at for every kind. */
  readonly problems?: () => Promise<readonly string[]>
}

/** One kind of damage. */
export interface Damage {
  /** The file's name. */
  readonly name: string
  /** What is broken, in a few words. */
  readonly sentence: string
  /** More lines for pgwatchd's configuration, which ends in its section `recovery`. */
  readonly configuration?: readonly string[]
  /** Is done to the running server of a stage. */
  make(stage: Stage): Promise<Made>
}
