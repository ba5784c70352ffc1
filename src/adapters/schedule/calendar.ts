import type { Appointment, Calendar, CalendarOptions } from '../../ports/calendar.ts'

const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }

/** Calendar schedules by node-cron, which is loaded when there is one: it costs 8 MB. */
export function createCalendar(): Calendar {
  return { problemOf, at }
}

async function problemOf(expression: string): Promise<string | undefined> {
  const fields = expression.trim().split(/\s+/).length
  if (fields !== 5) return `expected five fields (minute, hour, day of month, month, weekday), got "${expression}"`
  const { validateDetailed } = await import('node-cron')
  const { valid, errors } = validateDetailed(expression)
  return valid ? undefined : errors.map((error) => `${error.field}: ${error.message}`).join('; ')
}

/** A clock that jumps forward misses runs, which node-cron reports and does not make up for. */
async function at(
  expression: string,
  work: () => Promise<void>,
  { timeZone = 'UTC', jitterMs = 0 }: CalendarOptions = {},
): Promise<Appointment> {
  const problem = await problemOf(expression)
  if (problem !== undefined) throw new Error(`not a schedule: ${problem}`)
  const { schedule } = await import('node-cron')
  const options = {
    timezone: timeZone,
    maxRandomDelay: jitterMs,
    noOverlap: true,
    unref: true,
    suppressMissedWarning: true,
    logger: silent,
  }
  const task = schedule(expression, work, options)
  return {
    nextWallMs: () => task.getNextRun()?.getTime(),
    end: async () => void (await task.destroy()),
  }
}
