import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createFakeRandom } from '../fakes/random.ts'
import { recordFigures, spreadOf } from '../support/reliability.ts'
import { commitRows, pauseIn, readState, savePauses } from './support/acknowledged.ts'
import { waitUntilServing } from './support/service-clock.ts'
import { waitFor } from './support/wait.ts'
import { startWatchedHost, type WatchedHost } from './support/watched-host.ts'

const FULL = process.env['PGWATCHD_TEST_FULL'] === '1'
const SEED = Number(process.env['PGWATCHD_TEST_SEED'] ?? 1)
/** The last ones are made with commits that PostgreSQL does not make durable: there something must be seen to be lost. */
const CYCLES = FULL ? { right: 60, attempt: 15, wrong: 5 } : { right: 3, attempt: 1, wrong: 2 }
const LONGEST_WORK_MS = 700
const BACK_WITHIN_MS = 60_000

t.setTimeout(FULL ? 7_200_000 : 900_000)

/** What cuts of the power came to, summed over cycles of one kind. */
interface Tally {
  readonly cycles: number
  readonly rows: number
  readonly rowsLost: number
  readonly states: number
  readonly statesLost: number
  readonly backMs: readonly number[]
}

const NOTHING: Tally = { cycles: 0, rows: 0, rowsLost: 0, states: 0, statesLost: 0, backMs: [] }
const figures: object[] = []

for (const fileSystem of ['ext4', 'xfs'] as const) {
  await t.test(`power cuts of a machine whose files are on ${fileSystem}`, async (t) => {
    const random = createFakeRandom(SEED).fraction
    const host = await startWatchedHost(t, ['recovery:', '  attempts: 20', '  cooldown: 1s'], fileSystem)
    await host.sql('create table acknowledged (n bigint primary key); alter table acknowledged owner to app', 'app')
    await host.exec(['sync'])
    const progress = { row: 0, pause: 0 }

    const right = await repeat(CYCLES.right, () => cutWhileWorking(host, progress, random() * LONGEST_WORK_MS))
    t.match(right, { rowsLost: 0, statesLost: 0 }, `of ${String(right.rows)} rows and ${String(right.states)} states, seed ${String(SEED)}`)
    t.ok(right.rows > 0 && right.states > 0, 'rows and states were acknowledged')

    const attempts = await repeat(CYCLES.attempt, () => cutWhileRecovering(host, progress, random() * LONGEST_WORK_MS))
    t.match(attempts, { rowsLost: 0, statesLost: 0 }, `of ${String(attempts.rows)} rows and ${String(attempts.states)} attempts`)
    t.equal(await checkDatabase(host), '', 'pg_amcheck finds nothing')

    await host.sql('alter system set synchronous_commit = off')
    await host.sql('select pg_reload_conf()')
    await host.exec(['sync'])
    const wrong = await repeat(CYCLES.wrong, () => cutWhileWorking(host, progress, LONGEST_WORK_MS))
    t.ok(wrong.rowsLost > 0, `the same cuts lose rows whose commits are not durable: ${String(wrong.rowsLost)} of ${String(wrong.rows)}`)
    const kinds = { 'while both work': right, 'while pgwatchd recovers': attempts, 'with synchronous_commit = off': wrong }
    for (const [kind, tally] of Object.entries(kinds)) figures.push(figureOf(fileSystem, kind, tally))
  })
}
recordFigures('power-cut-machine', `./scripts/test${FULL ? ' --full' : ''} --only system-debian-12 --file power-cut`, figures)

async function repeat(times: number, cycle: () => Promise<Tally>): Promise<Tally> {
  let sum = NOTHING
  for (let time = 0; time < times; time += 1) sum = add(sum, await cycle())
  return sum
}

function add(one: Tally, other: Tally): Tally {
  return {
    cycles: one.cycles + other.cycles,
    rows: one.rows + other.rows,
    rowsLost: one.rowsLost + other.rowsLost,
    states: one.states + other.states,
    statesLost: one.statesLost + other.statesLost,
    backMs: [...one.backMs, ...other.backMs],
  }
}

/** The application and an operator go on until the power is gone; what was acknowledged before that is looked for afterwards. */
async function cutWhileWorking(host: WatchedHost, progress: { row: number; pause: number }, afterMs: number): Promise<Tally> {
  const [rows, pauses] = [await commitRows(host, progress.row), await savePauses(host, progress.pause)]
  await waitFor(
    'work',
    BACK_WITHIN_MS,
    async () => (rows.acknowledged() > progress.row && pauses.acknowledged() > progress.pause) || undefined,
  )
  await sleep(afterMs)
  const [row, pause] = [rows.acknowledged(), pauses.acknowledged()]
  const backMs = await cutPower(host)
  await Promise.all([rows.end(), pauses.end()])
  const saved = pauseIn(await readState(host))
  const rowsLost = row - (await countRows(host, row))
  const tally = {
    cycles: 1,
    rows: row - progress.row,
    rowsLost,
    states: pause - progress.pause,
    statesLost: saved < pause ? 1 : 0,
    backMs: [backMs],
  }
  progress.row = await lastRow(host)
  progress.pause = saved
  return tally
}

/** The server is killed, and the power goes while pgwatchd recovers it: an attempt that was told of is on disk. */
async function cutWhileRecovering(host: WatchedHost, progress: { row: number }, afterMs: number): Promise<Tally> {
  await host.exec(['pgwatchd', 'resume'])
  await host.waitUntilHealthy()
  const before = (await readState(host))?.attempts.length ?? 0
  const rows = await commitRows(host, progress.row)
  await waitFor('rows', BACK_WITHIN_MS, async () => rows.acknowledged() > progress.row || undefined)
  await host.exec(['kill', '-KILL', String(await host.postmasterPid())])
  await waitFor('the attempt', BACK_WITHIN_MS, async () => (await host.cluster()).attemptsInWindow > before || undefined)
  await sleep(afterMs)
  const row = rows.acknowledged()
  const backMs = await cutPower(host)
  await rows.end()
  await host.waitUntilHealthy()
  const attempts = (await readState(host))?.attempts.length ?? 0
  const rowsLost = row - (await countRows(host, row))
  const tally = { cycles: 1, rows: row - progress.row, rowsLost, states: 1, statesLost: attempts > before ? 0 : 1, backMs: [backMs] }
  progress.row = await lastRow(host)
  return tally
}

/** Milliseconds until the application was served again. */
async function cutPower(host: WatchedHost): Promise<number> {
  const cutMs = performance.now()
  await host.cutPowerAndBoot()
  await waitUntilServing(host, BACK_WITHIN_MS)
  await waitFor('pgwatchd', BACK_WITHIN_MS, async () => (await host.cluster()).lastTickWallMs ?? undefined)
  return performance.now() - cutMs
}

/** What pg_amcheck says of every table and index of the application's database; empty when all is well. */
async function checkDatabase(host: WatchedHost): Promise<string> {
  const program = `/usr/lib/postgresql/${String(host.release.postgresVersion)}/bin/pg_amcheck`
  const argv = [program, '--install-missing', '--heapallindexed', '-d', 'app']
  const { exitCode, stdout, stderr } = await host.exec(argv, { user: 'postgres', anyExit: true })
  return exitCode === 0 ? '' : `exit code ${String(exitCode)}: ${stdout}${stderr}`
}

async function countRows(host: WatchedHost, upTo: number): Promise<number> {
  return Number(await host.sql(`select count(*) from acknowledged where n <= ${String(upTo)}`, 'app'))
}

/** Rows may have been committed whose acknowledgement did not arrive any more; gaps of a wrong protocol are left as they are. */
async function lastRow(host: WatchedHost): Promise<number> {
  const last = Number(await host.sql('select coalesce(max(n), 0) from acknowledged', 'app'))
  await host.sql(`insert into acknowledged select n from generate_series(1, ${String(last)}) n on conflict do nothing`, 'app')
  return last
}

function figureOf(fileSystem: string, kind: string, { backMs, ...counts }: Tally): object {
  return { kind, fileSystem, full: FULL, seed: SEED, ...counts, seconds: spreadOf(backMs) }
}
