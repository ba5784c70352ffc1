import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** How a program ended. */
export interface Ended {
  /** -1 when a signal ended it. */
  readonly exitCode: number
  readonly timedOut: boolean
  readonly tookMs: number
}

/** What is asked of one program. */
export interface ProgramRequest {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** Takes stdout and stderr together. */
  readonly logFile: string
}

/** Between the polite signal and the last one: teardown of a container takes a few seconds. */
const TEARDOWN_MS = 20_000

const running = new Set<number>()

/** Runs a program in a process group of its own, within its time, with its output in a file. Never rejects. */
export async function runProgram(request: ProgramRequest): Promise<Ended> {
  const startedMs = performance.now()
  mkdirSync(dirname(request.logFile), { recursive: true })
  const log = createWriteStream(request.logFile)
  const [file = '', ...rest] = request.argv
  const child = spawn(file, rest, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...request.environment } })
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  let timedOut = false
  const stopTimer = endAtDeadline(child.pid, request.timeoutMs, () => (timedOut = true))
  const exitCode = await new Promise<number>((resolve) => {
    child.on('error', (error) => {
      log.write(`cannot start ${file}: ${error.message}\n`)
      resolve(-1)
    })
    child.on('close', (code) => resolve(code ?? -1))
  })
  stopTimer()
  if (child.pid !== undefined) running.delete(child.pid)
  await new Promise<void>((resolve) => log.end(resolve))
  return { exitCode, timedOut, tookMs: performance.now() - startedMs }
}

/** Asks every program that still runs to end. */
export function endAllPrograms(): void {
  for (const pid of running) signalGroup(pid, 'SIGTERM')
}

function endAtDeadline(pid: number | undefined, timeoutMs: number, onDeadline: () => void): () => void {
  if (pid === undefined) return () => undefined
  running.add(pid)
  let last: NodeJS.Timeout | undefined
  const first = setTimeout(() => {
    onDeadline()
    signalGroup(pid, 'SIGTERM')
    last = setTimeout(() => signalGroup(pid, 'SIGKILL'), TEARDOWN_MS)
  }, timeoutMs)
  return () => {
    clearTimeout(first)
    clearTimeout(last)
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // The group has ended by itself.
  }
}
