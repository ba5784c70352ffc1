import type { Job, JobContext } from '../jobs/job.ts'
import type { Appointment, Calendar } from '../ports/calendar.ts'
import type { Log } from '../ports/log.ts'
import { OutsideError } from '../ports/outside-error.ts'

export interface RunJobsRequest {
  readonly jobs: readonly Job[]
  readonly context: JobContext
  readonly log: Log
  /** Asked for only when a job goes by the calendar. */
  readonly calendar: () => Calendar
  /** Told of each job that goes by the calendar. */
  readonly onAppointment?: (name: Job['name'], appointment: Appointment) => void
}

/**
 * Runs each job at its time until the result is called, which waits for those under way to honour their signal. What a
 * job did is one line of the journal; a job that fails is told there too, and runs again at its next time.
 */
export async function runJobs(request: RunJobsRequest): Promise<() => Promise<void>> {
  const ending = new AbortController()
  const endings: (() => Promise<void>)[] = []
  for (const job of request.jobs) endings.push(await schedule(request, job, ending.signal))
  return async () => {
    ending.abort()
    for (const end of endings) await end()
  }
}

async function schedule(request: RunJobsRequest, job: Job, signal: AbortSignal): Promise<() => Promise<void>> {
  const timing = job.timing(request.context.settings)
  if (timing.kind === 'off') return async () => {}
  if (timing.kind === 'calendar') return (await appoint(request, job, timing, signal)).end
  const loop = runEvery(request, job, timing.everyMs, signal)
  return () => loop
}

async function appoint(
  request: RunJobsRequest,
  job: Job,
  { schedule: expression, timeZone, jitterMs }: Extract<ReturnType<Job['timing']>, { kind: 'calendar' }>,
  signal: AbortSignal,
): Promise<Appointment> {
  const options = { ...(timeZone === undefined ? {} : { timeZone }), ...(jitterMs === undefined ? {} : { jitterMs }) }
  const appointment = await request.calendar().at(expression, () => runJob(request, job, signal), options)
  request.onAppointment?.(job.name, appointment)
  return appointment
}

async function runEvery(request: RunJobsRequest, job: Job, everyMs: number, signal: AbortSignal): Promise<void> {
  const { clock } = request.context
  for (;;) {
    await clock.sleep(everyMs, signal)
    if (signal.aborted) return
    await runJob(request, job, signal)
  }
}

async function runJob(request: RunJobsRequest, job: Job, signal: AbortSignal): Promise<void> {
  try {
    const did = await job.run(request.context, signal)
    if (did !== '') request.log.write({ level: 'info', event: job.name, message: did })
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    const message = `the job ${job.name} failed: ${error.message}`
    request.log.write({ level: 'warning', event: 'job-failed', message, fields: { job: job.name } })
  }
}
