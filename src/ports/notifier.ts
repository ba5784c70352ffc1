/** systemd's notification socket. Each call is fire and forget: a supervisor must not die of a full socket. */
export interface Notifier {
  ready(status: string): void
  status(text: string): void
  reloading(): void
  stopping(status: string): void
  /** More time for the current start or stop, from now. */
  extendTimeout(durationMs: number): void
  alive(): void
  /** How often `alive` must be called (half of WATCHDOG_USEC); `undefined` when no watchdog is asked for. */
  readonly aliveIntervalMs: number | undefined
}
