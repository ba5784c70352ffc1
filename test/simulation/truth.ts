/** What really happened, which pgwatchd has to find out; invariants judge by it. Moments are in elapsed milliseconds. */
export interface Truth {
  /** When an operator stopped the server; `undefined` once it was started, or nobody can know any more. */
  stoppedByOperatorMs: number | undefined
  /** Since when somebody else owns the cluster, or works on it. */
  foreignSinceMs: number | undefined
  /** A pause that pgwatchd has confirmed. */
  pausedSinceMs: number | undefined
  /** When it ends by itself; `undefined`: it does not. */
  pausedUntilMs: number | undefined
  /** When an operator gave the attempts back, by `resume` or by asking for a recovery. */
  readonly resets: number[]
  /** Whether systemd starts the server with the machine. */
  startsAtBoot: boolean
  /** What keeps the server from serving for good; then a person has to be told. */
  readonly permanent: Set<string>
  /** Rows that the server has confirmed to the application. */
  acknowledgedRows: number
  lostPower(): void
}

export function createTruth(): Truth {
  return {
    stoppedByOperatorMs: undefined,
    foreignSinceMs: undefined,
    pausedSinceMs: undefined,
    pausedUntilMs: undefined,
    resets: [],
    startsAtBoot: true,
    permanent: new Set(),
    acknowledgedRows: 0,
    lostPower() {
      this.stoppedByOperatorMs = undefined
      this.foreignSinceMs = undefined
    },
  }
}
