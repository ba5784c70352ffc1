/** The configured numbers that decisions depend on. */
export interface Limits {
  /** Failures in a row before anything is done. */
  readonly failures: number
  /** Attempts allowed within the window. */
  readonly attempts: number
  readonly windowMs: number
  /** Pause after the first fruitless attempt; doubled for each further one, up to the maximum. */
  readonly cooldownMs: number
  readonly cooldownMaxMs: number
  readonly operatorStop: { readonly action: 'recover' | 'hold'; readonly graceMs: number }
  readonly mode: 'act' | 'observe'
  /** A cluster that heals itself for longer than this is told to a person. */
  readonly waitAlertMs: number
}

/** How long to wait after the `fruitlessInRow`-th fruitless attempt. */
export function cooldownMs(limits: Limits, fruitlessInRow: number): number {
  if (fruitlessInRow === 0) return 0
  return Math.min(limits.cooldownMaxMs, limits.cooldownMs * 2 ** Math.min(fruitlessInRow - 1, 30))
}
