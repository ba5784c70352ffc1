export interface CalendarOptions {
  /** Default UTC. */
  readonly timeZone?: string
  /** Each run begins up to this much later. */
  readonly jitterMs?: number
}

/** Work that the calendar calls for. */
export interface Appointment {
  /** The next time, without its jitter; `undefined` when there is none. */
  nextWallMs(): number | undefined
  end(): Promise<void>
}

/** Work at times of the calendar, in crontab's five fields. Day of month and weekday must both match. */
export interface Calendar {
  /** What is wrong with an expression, for people; `undefined` when nothing is. */
  problemOf(expression: string): Promise<string | undefined>
  /**
   * Calls `work` at each matching minute, never while it is still running; `work` must not reject.
   * Rejects for an expression with a problem.
   */
  at(expression: string, work: () => Promise<void>, options?: CalendarOptions): Promise<Appointment>
}
