import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDaemon, type Daemon } from './daemon.ts'
import type { Damage, Made } from './damages/damage.ts'
import { DAMAGES } from './damages/index.ts'
import { createSurroundings, type Rest } from './rest.ts'
import { lostRows, readRows, type Rows } from './rows.ts'
import type { Kill, RunRequest, RunResult } from './run.ts'
import { enterStage, type Stage } from './stage.ts'
import { readCalls, readKill, TRACED_CALLS } from './trace.ts'
import { countAttempts, findProblems, takeSnapshot, type Snapshot } from './verdict.ts'

/** Mails, the end of the incident and the like follow the last decision. */
const AFTERMATH_MS = 300
const NOTHING: RunResult = { calls: [], attempts: 0, convergedMs: 0, lost: [], problems: [], log: [] }

/** One run of the matrix, alone in its namespaces: the request is the argument, the result is the last line. */
const request = JSON.parse(process.argv[2] ?? '') as RunRequest
const damage = DAMAGES.find(({ name }) => name === request.damage)
if (damage === undefined) throw new Error(`no such damage: ${request.damage}`)
const stage = enterStage(request.plan, damage)
process.stdout.write(`${JSON.stringify(await play(stage, damage, request))}\n`)
process.exit(0)

async function play(stage: Stage, damage: Damage, { kill, attempts }: RunRequest): Promise<RunResult> {
  await stage.server.start()
  await stage.server.psql(`insert into acknowledged select n, 'late ' || n from generate_series(2001, 2500) n`)
  const rows = await readRows(stage.server)
  const before = takeSnapshot(stage)
  const made = await damage.make(stage)
  const judge = createJudge(stage, made, { rows, before, attempts })
  const surroundings = createSurroundings(stage, made)

  const trace = `${stage.directory}/trace`
  const first = startDaemon(stage, tracerWords(trace, kill))
  const startedMs = performance.now()
  const rest = await surroundings.waitForRest(first)
  const took = performance.now() - startedMs
  const read = (): string => readFileSync(trace, 'utf8')
  if (kill === undefined) {
    const result = await judge(first, rest, took)
    return { ...result, calls: readCalls(read(), stage.directory), log: logOf(first) }
  }
  if (!first.hasEnded()) await sleep(AFTERMATH_MS)
  await first.stop()
  const hit = readKill(read(), stage.directory, kill.name)
  if (hit === undefined) return NOTHING

  const second = startDaemon(stage)
  const againMs = performance.now()
  const end = await surroundings.waitForRest(second)
  return { ...(await judge(second, end, performance.now() - againMs)), hit, log: [...logOf(first), '- killed -', ...logOf(second)] }
}

/** strace that writes down the daemon's calls, and kills it at one of them. Programs that the daemon starts are let go. */
function tracerWords(file: string, kill: Kill | undefined): readonly string[] {
  const strace = ['strace', '-u', 'postgres', '-qq', '-y', '-s', '96', '-o', file]
  const allThreads = ['-f', '-b', 'execve']
  if (kill === undefined) return [...strace, ...allThreads, '-e', `trace=${TRACED_CALLS.join(',')}`]
  const inject = ['-e', `trace=${kill.name}`, '-e', `inject=${kill.name}:signal=KILL:when=${String(kill.ordinal)}`]
  // Calls are counted in each thread alone, so for the main thread only that one is traced.
  return kill.thread === 'main' ? [...strace, ...inject] : [...strace, ...allThreads, ...inject]
}

function logOf(daemon: Daemon): readonly string[] {
  return daemon.log.map(({ event, message }) => `${event}: ${message}`)
}

/** Ends the daemon that came to rest, and says what is wrong. */
function createJudge(stage: Stage, made: Made, { rows, before, attempts }: { rows: Rows; before: Snapshot; attempts: number | undefined }) {
  return async (daemon: Daemon, rest: Rest, tookMs: number): Promise<RunResult> => {
    if (rest !== 'healthy') return { ...NOTHING, problems: [`pgwatchd did not come to rest: ${rest}, ${String(await daemon.mode())}`] }
    await sleep(AFTERMATH_MS)
    await daemon.stop()
    const problems = await findProblems(stage, before, made, attempts)
    const lost = lostRows(rows, await readRows(stage.server)).filter((row) => made.doomed?.has(row) !== true)
    return { ...NOTHING, convergedMs: tookMs, lost, problems, attempts: countAttempts(stage) }
  }
}
