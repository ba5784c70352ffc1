import t from 'tap'
import { recordFigures } from '../support/reliability.ts'
import type { Day, DayRun } from './day.ts'
import { commandOf } from './task.ts'
import { startWorkers } from './workers.ts'

const FULL = process.env['PGWATCHD_TEST_FULL'] === '1'
const FIRST_SEED = Number(process.env['PGWATCHD_TEST_SEED'] ?? 1)
const DAYS = FULL ? 10_000 : 200
/** Each of so many days is played a second time. */
const AGAIN = 100
/** How many wait for a worker. */
const AT_A_TIME = 100

t.setTimeout(FULL ? 43_200_000 : 1_800_000)

interface Told {
  readonly day: Day
  readonly run: DayRun
}

const workers = startWorkers()
t.teardown(() => workers.end())

t.test(`${DAYS} days on which much goes wrong, from seed ${FIRST_SEED} on`, async (t) => {
  const told: Told[] = []
  for (let from = 0; from < DAYS; from += AT_A_TIME) told.push(...(await Promise.all(daysFrom(from).map(tell))))
  recordFigures('simulation-days', `./scripts/test${FULL ? ' --full' : ''} --only simulation`, [figureOf(told)])
  for (const { day, run } of told)
    if (run.violation !== undefined) t.fail(`${run.violation.invariant}: ${run.violation.detail}\n${commandOf(day)}`)
  for (const { day, run } of told.filter((_, index) => index % AGAIN === 0))
    t.equal((await workers.play(day)).digest, run.digest, `the same seed is the same day: ${commandOf(day)}`)
  t.ok(sum(told, ({ struck }) => struck.length) > DAYS, 'strikes came to something')
})

function daysFrom(from: number): readonly Day[] {
  const count = Math.min(AT_A_TIME, DAYS - from)
  return Array.from({ length: count }, (_, index) => ({ kind: 'day', seed: FIRST_SEED + from + index }))
}

async function tell(day: Day): Promise<Told> {
  return { day, run: await workers.play(day) }
}

function sum(told: readonly Told[], count: (run: DayRun) => number): number {
  return told.reduce((total, { run }) => total + count(run), 0)
}

function figureOf(told: readonly Told[]): object {
  return {
    full: FULL,
    seeds: `${FIRST_SEED}-${FIRST_SEED + DAYS - 1}`,
    days: DAYS,
    steps: sum(told, ({ steps }) => steps),
    operations: sum(told, ({ operations }) => operations),
    troubles: sum(told, ({ troubles }) => troubles.length),
    strikes: sum(told, ({ struck, spared }) => struck.length + spared.length),
    hit: sum(told, ({ struck }) => struck.length),
    deaths: sum(told, ({ deaths }) => deaths),
    powerCuts: sum(told, ({ powerCuts }) => powerCuts),
    ends: Object.fromEntries([...Map.groupBy(told, ({ run }) => run.ends)].map(([mode, days]) => [mode, days.length])),
    violations: sum(told, ({ violation }) => (violation === undefined ? 0 : 1)),
  }
}
