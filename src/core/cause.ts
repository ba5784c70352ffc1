export const CAUSES = [
  'crashed',
  'stopped-by-operator',
  'starting',
  'start-stalled',
  'frozen',
  'storage-hangs',
  'cannot-be-stopped',
  'connections-exhausted',
  'auth-broken',
  'slow',
  'blocked',
  'read-only',
  'disk-full',
  'damaged',
  'disk-faulty',
  'configuration-broken',
  'unstartable',
  'wal-damaged',
  'not-ours',
  'restart-requested',
  'restore-requested',
  'unclear',
] as const

/** What the readings and facts together mean. */
export type Cause = (typeof CAUSES)[number]

/**
 * What is to be done for an assessment:
 * `none` all is well; `recover` run the plan; `wait` it heals itself (crash recovery, space to come);
 * `grace` an operator stopped it; `person` only a person can help, so tell one.
 */
export type Response = 'none' | 'recover' | 'wait' | 'grace' | 'person'

export const PLAN_NAMES = [
  'restart',
  'remedies',
  'repair-online',
  'free-space',
  'restart-on-request',
  'restore-cluster',
  'restore-database',
] as const

/** Which steps may run: the whole pipeline, only the cause's own remedies, only the online repair of damage, only freeing disk, or a restart or restore that was asked for. */
export type Plan = (typeof PLAN_NAMES)[number]

/** One thing that a person would run, exactly: a statement for `psql` as the superuser, or a line of a shell. */
export type Command =
  /** `database` is needed only where it matters. */
  { readonly sql: string; readonly database?: string } | { readonly shell: string }

export interface Assessment {
  readonly cause: Cause | undefined
  readonly response: Response
  readonly plan: Plan | undefined
  /** `proven` by the kernel or the control file; `suspected` is confirmed by repetition. */
  readonly strength: 'proven' | 'suspected'
  /** One plain sentence, no full stop: "the postmaster is gone: …". */
  readonly verdict: string
  /** Each a plain sentence. */
  readonly evidence: readonly string[]
  /** "not starting: no startup process". */
  readonly ruledOut: readonly string[]
  /** What deserves a warning though the cluster serves (disk at 84 %). Stable key and sentence. */
  readonly warnings: readonly { readonly key: string; readonly sentence: string }[]
  /** What a person would run, most useful first. */
  readonly commands?: readonly Command[]
  /** What an operator wants restored; set only for the plans that restore. */
  readonly restore?: { readonly backup: string; readonly database: string | null }
  /** What could be done and is not, and why; each a plain sentence. */
  readonly notDone?: readonly string[]
  /** At most this many attempts for this cause, below the configured number; `undefined`: as configured. */
  readonly attemptsAtMost: number | undefined
  /** Whether the application is served all the same; absent: as `CAUSE_TABLE` says of the cause. */
  readonly serving?: boolean
}
