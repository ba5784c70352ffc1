/** Work at times of the calendar, in crontab's five fields, UTC. Day of month and weekday must both match. */
export interface Calendar {
  /** What is wrong with an expression, for people; `undefined` when nothing is. */
  problemOf(expression: string): Promise<string | undefined>
  /**
   * Calls `work` at each matching minute, never while it is still running; `work` must not reject. The result ends that.
   * Rejects for an expression with a problem.
   */
  at(expression: string, work: () => Promise<void>): Promise<() => Promise<void>>
}
