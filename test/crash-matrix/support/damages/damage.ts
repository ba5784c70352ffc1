import type { Stage, StageOptions } from '../stage.ts'

/** What one kind of damage left, and what must come of it. */
export interface Made {
  /** What the application does, again and again once pgwatchd runs; rejects while it is not served. Default: it reads. */
  readonly use?: () => Promise<unknown>
  /** A person, where pgwatchd cannot mend it alone: waits for a mail with that subject, then acts, once. */
  readonly person?: { readonly told: RegExp; readonly act: () => Promise<void> }
  /** Rows of which no good copy is left, as `readRows` gives them; every other one must be there at the end. */
  readonly doomed?: ReadonlySet<string>
  /** What is wrong at the end, beside what is looked at for every kind. */
  readonly problems?: () => Promise<readonly string[]>
}

/** One kind of damage. */
export interface Damage extends StageOptions {
  /** The file's name. */
  readonly name: string
  /** What is broken, in a few words. */
  readonly sentence: string
  /** Is done to the running server of a stage. */
  make(stage: Stage): Promise<Made>
}
