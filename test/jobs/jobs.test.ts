import { readdirSync } from 'node:fs'
import t from 'tap'
import { createCalendar } from '../../src/adapters/schedule/calendar.ts'
import type { Incident } from '../../src/core/incident.ts'
import { runJobs } from '../../src/daemon/run-jobs.ts'
import { JOBS } from '../../src/jobs/index.ts'
import { JOB_NAMES, type Job, type JobContext, type JobName } from '../../src/jobs/job.ts'
import type { Calendar } from '../../src/ports/calendar.ts'
import { OutsideError } from '../../src/ports/outside-error.ts'
import { INCIDENT } from '../alerts/facts.ts'
import { createFakeClock } from '../fakes/clock.ts'
import { createFakeLog } from '../fakes/log.ts'

const SETTINGS = {
  heartbeatMs: 3_600_000,
  incidents: { keepMs: 1, keepCount: 2 },
  summarySchedule: '',
  integritySchedule: '',
  backup: {
    kind: 'none',
    schedule: '0 6,18 * * *',
    verifySchedule: '0 3 * * *',
    drillSchedule: '',
    pruneSchedule: '0 2 * * *',
    timeZone: 'Europe/Berlin',
    jitterMs: 300_000,
  },
}
const HOUR_MS = 3_600_000

function ground(change: Partial<JobContext> = {}, incidents: readonly Incident[] = []) {
  const clock = createFakeClock()
  const mails: { subject: string; text: string }[] = []
  const context: JobContext = {
    host: 'db1',
    clock,
    settings: SETTINGS,
    beginIntegrityChecks: () => ['15-main'],
    clusters: () => [
      { name: '15-main', mode: 'healthy', sentence: 'all six probes passed', healthySinceWallMs: clock.wallMs() - 5 * HOUR_MS },
      { name: '13-old', mode: 'waiting', sentence: 'no room on /var', healthySinceWallMs: undefined },
    ],
    incidents: { list: async () => incidents, prune: async () => [] },
    backups: () => [],
    nextBackupWallMs: () => undefined,
    outbox: { waiting: 0, lastError: '' },
    mail: async (subject, text) => void mails.push({ subject, text }),
    ...change,
  }
  return { clock, context, mails, log: createFakeLog() }
}

function run(name: JobName, context: JobContext): Promise<string> {
  const job = JOBS.find((each) => each.name === name)
  return job === undefined ? Promise.reject(new Error(name)) : job.run(context, new AbortController().signal)
}

t.test('every job is listed once, is named as its file, and says what it is for', async (t) => {
  t.same(
    JOBS.map((job) => job.name),
    JOB_NAMES,
  )
  const files = readdirSync(new URL('../../src/jobs/', import.meta.url))
  for (const job of JOBS) {
    t.equal(files.includes(`${job.name}.ts`), true, job.name)
    t.match(job.purpose, /^[A-Z].*[^.]$/)
    t.ok(job.timing(SETTINGS).kind)
  }
})

t.test('the heartbeat is one sentence', async (t) => {
  const { context } = ground({ outbox: { waiting: 3, lastError: 'x' } })
  t.equal(
    await run('heartbeat', context),
    'watching 2 clusters: 15-main healthy for 5 h, 13-old waiting (no room on /var); 3 mails wait to be sent',
  )
  const fresh = { name: '15-main', mode: 'healthy', sentence: '', healthySinceWallMs: undefined }
  t.equal(await run('heartbeat', ground({ clusters: () => [fresh] }).context), 'watching 15-main healthy')
  t.same(JOBS[0]?.timing({ ...SETTINGS, heartbeatMs: 0 }), { kind: 'off' })
})

t.test('pruning follows the settings and speaks only when it removed something', async (t) => {
  const asked: unknown[] = []
  const prune = (removed: readonly string[]) => async (limits: unknown) => (asked.push(limits), removed)
  t.equal(await run('prune-incidents', ground({ incidents: { list: async () => [], prune: prune([]) } }).context), '')
  const two = ground({ incidents: { list: async () => [], prune: prune(['b', 'a']) } })
  t.equal(await run('prune-incidents', two.context), 'removed 2 old incidents, the newest of them b')
  t.same(asked[0], SETTINGS.incidents)
})

t.test('the summary is off by default and tells clusters and the incidents of a week', async (t) => {
  const incident = { ...INCIDENT, closedAtWallMs: INCIDENT.openedAtWallMs + 1000, downtimeMs: 65_000, outcome: 'recovered' }
  const old = { ...INCIDENT, closedAtWallMs: INCIDENT.openedAtWallMs - 20 * 24 * HOUR_MS }
  const { context, mails, clock } = ground({}, [incident, old])
  clock.shiftWall(24 * HOUR_MS)
  await run('summary', context)
  t.equal(mails[0]?.subject, '[WARNING] db1: summary, clusters 1 of 2 not healthy, 1 incident within 7 days')
  t.equal(
    mails[0]?.text,
    `Clusters
  15-main          healthy    for 5 h
  13-old           waiting    no room on /var

Incidents within 7 days, newest first (UTC)
  2026-11-21 11:59  15-main  crashed: recovered, down for 1 min
      pgwatchd incidents 20261121T115900Z-15-main-crashed-3f2a

pgwatchd on db1
`,
  )
  t.same(JOBS[2]?.timing(SETTINGS), { kind: 'off' })
  t.same(JOBS[2]?.timing({ ...SETTINGS, summarySchedule: '0 6 * * 1' }), { kind: 'calendar', schedule: '0 6 * * 1' })
})

const noCalendar = (): Calendar => {
  throw new Error('no job goes by the calendar')
}

t.test('jobs run at their interval, never overlap, and tell what they did and what failed', async (t) => {
  const { clock, context, log } = ground()
  let [running, most, runs] = [0, 0, 0]
  const job: Job = {
    name: 'heartbeat',
    purpose: 'Test',
    timing: () => ({ kind: 'interval', everyMs: 1000 }),
    async run() {
      running += 1
      most = Math.max(most, running)
      runs += 1
      await clock.sleep(2500)
      running -= 1
      if (runs === 2) throw new OutsideError({ operation: 'list', object: '/x', code: 'EIO', reason: 'bad' })
      return runs === 3 ? '' : 'did it'
    },
  }
  const end = await runJobs({ jobs: [job], context, log, calendar: noCalendar })
  await clock.advance(12_000)
  t.equal(most, 1)
  t.same(log.events(), ['heartbeat', 'job-failed'])
  const ending = end()
  await clock.advance(3000)
  await ending
  t.equal(clock.pendingTimers(), 0)
})

t.test('a job of the calendar is handed to the calendar', async (t) => {
  const { context, log, mails } = ground({ settings: { ...SETTINGS, heartbeatMs: 0, summarySchedule: '0 6 * * 1' } })
  const asked: string[] = []
  const calendar: Calendar = {
    problemOf: async () => undefined,
    at: async (expression, work) => {
      asked.push(expression)
      await work()
      return { nextWallMs: () => undefined, end: async () => void asked.push('ended') }
    },
  }
  const end = await runJobs({ jobs: JOBS, context, log, calendar: () => calendar })
  await end()
  t.same(asked, ['0 6 * * 1', 'ended'])
  t.equal(mails.length, 1)
  t.same(log.events(), ['summary'])
})

t.test('the calendar says what is wrong with an expression', async (t) => {
  const calendar = createCalendar()
  t.equal(await calendar.problemOf('*/5 6 * * mon'), undefined)
  t.match(await calendar.problemOf('61 6 * * *'), /minute/)
  t.match(await calendar.problemOf('@daily'), /expected five fields/)
  t.match(await calendar.problemOf('* * * * * *'), /expected five fields/)
  await t.rejects(
    calendar.at('x', async () => {}),
    /not a schedule/,
  )
  const appointment = await calendar.at('0 0 1 1 *', async () => {}, { timeZone: 'Europe/Berlin', jitterMs: 1000 })
  t.match(new Date(appointment.nextWallMs() ?? 0).toISOString(), /-12-31T23:00:00/)
  await appointment.end()
})

t.test('the integrity of clusters is checked by the calendar alone, and only where one is configured', async (t) => {
  const job = JOBS.find(({ name }) => name === 'check-integrity')
  t.same(job?.timing(SETTINGS), { kind: 'off' })
  t.same(job?.timing({ ...SETTINGS, integritySchedule: '0 3 * * 6' }), { kind: 'calendar', schedule: '0 3 * * 6' })
  t.equal(await job?.run(ground().context, new AbortController().signal), 'the integrity of 15-main is being checked')
  const none = ground({ beginIntegrityChecks: () => [] })
  t.equal(await job?.run(none.context, new AbortController().signal), 'no cluster is healthy and unchecked now')
})
