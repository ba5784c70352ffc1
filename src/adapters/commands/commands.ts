import type { ExecaMethod, Options } from 'execa'
import type { CommandRequest, CommandResult, Commands } from '../../ports/commands.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import { buildEnvironment } from './environment.ts'
import { collect } from './output.ts'
import type { Output } from './output.ts'

/** Between SIGTERM and SIGKILL. */
const GRACE_MS = 2000

/** A program in an uninterruptible sleep outlives SIGKILL; nobody waits for it longer than this. */
const GIVE_UP_MS = 1000

/** How long output is still read once the program has ended, while a child that it left behind holds the pipe. */
const DRAIN_MS = 500

/** The longest timer that Node can set. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1 - GRACE_MS - GIVE_UP_MS

/** Programs of this host. execa is loaded when the first one is run: a healthy daemon runs none. */
export function createCommands(): Commands {
  return { run }
}

async function run(request: CommandRequest, signal: AbortSignal = new AbortController().signal): Promise<CommandResult> {
  const { execa } = await import('execa')
  if (signal.aborted) return { exitCode: undefined, stdout: '', stderr: '', outcome: 'aborted', tookMs: 0 }
  const startedMs = performance.now()
  const subprocess = launch(execa, request, signal)
  const [stdout, stderr] = [collect(subprocess.stdout, request.onLine), collect(subprocess.stderr, request.onLine)]
  const ending = await Promise.race([watchEnd(subprocess), giveUp(subprocess, request.timeoutMs, signal)])
  refuseIfNotStarted(request, ending)
  return toResult(ending, stdout, stderr, performance.now() - startedMs)
}

type Running = ReturnType<typeof launch>

/** Its own process group is what is killed, so that no helper of it stays behind. */
function launch(execa: ExecaMethod, request: CommandRequest, signal: AbortSignal) {
  return execa(request.file, request.arguments, {
    extendEnv: false,
    env: buildEnvironment(request.environment),
    cwd: request.workingDirectory ?? '/',
    input: request.input ?? '',
    cancelSignal: signal,
    timeout: limitTimeout(request.timeoutMs),
    killSignal: 'SIGTERM',
    forceKillAfterDelay: GRACE_MS,
    killDescendants: true,
    buffer: false,
    reject: false,
    stripFinalNewline: false,
  } as const satisfies Options)
}

/** 0 would mean no limit to execa. */
function limitTimeout(timeoutMs: number): number {
  return Math.min(Math.max(1, Math.ceil(timeoutMs)), LONGEST_TIMEOUT_MS)
}

interface Ending {
  readonly exitCode: number | null | undefined
  readonly timedOut: boolean
  readonly aborted: boolean
  /** Set when the program could not be started. */
  readonly startError: { readonly code: string; readonly reason: string } | undefined
}

async function watchEnd(subprocess: Running): Promise<Ending> {
  const { nodeChildProcess } = subprocess
  let exitCode: number | null | undefined
  nodeChildProcess.once('exit', (code) => {
    exitCode = code
    setTimeout(() => closePipes(subprocess), DRAIN_MS).unref()
  })
  const result = await subprocess
  const startError =
    nodeChildProcess.pid === undefined ? { code: result.code ?? 'unknown', reason: toReason(result.originalMessage) } : undefined
  return { exitCode, timedOut: result.timedOut, aborted: result.isCanceled, startError }
}

/** The first line: execa adds the system call's own words below it. */
function toReason(message: string | undefined): string {
  return message?.split('\n')[0] ?? 'unknown reason'
}

function giveUp(subprocess: Running, timeoutMs: number, signal: AbortSignal): Promise<Ending> {
  return new Promise((resolve) => {
    const leave = (aborted: boolean) => (): void => {
      closePipes(subprocess)
      subprocess.nodeChildProcess.unref()
      resolve({ exitCode: undefined, timedOut: !aborted, aborted, startError: undefined })
    }
    const timers = [setTimeout(leave(false), limitTimeout(timeoutMs) + GRACE_MS + GIVE_UP_MS)]
    const onAbort = (): void => void timers.push(setTimeout(leave(true), GRACE_MS + GIVE_UP_MS))
    signal.addEventListener('abort', onAbort, { once: true })
    void subprocess.finally(() => {
      timers.forEach((timer) => clearTimeout(timer))
      signal.removeEventListener('abort', onAbort)
    })
  })
}

function closePipes(subprocess: Running): void {
  subprocess.stdout?.destroy()
  subprocess.stderr?.destroy()
}

function refuseIfNotStarted(request: CommandRequest, ending: Ending): void {
  if (ending.startError === undefined) return
  const { code, reason } = ending.startError
  const hint = code === 'ENOENT' ? 'install the package that holds it, or correct its path' : ''
  throw new OutsideError({ operation: 'start', object: request.file, code, reason, hint })
}

function toResult(ending: Ending, stdout: Output, stderr: Output, tookMs: number): CommandResult {
  const outcome = ending.timedOut ? 'timed-out' : ending.aborted ? 'aborted' : typeof ending.exitCode === 'number' ? 'exited' : 'signalled'
  const exitCode = outcome === 'exited' && typeof ending.exitCode === 'number' ? ending.exitCode : undefined
  return { exitCode, stdout: stdout.text(), stderr: stderr.text(), outcome, tookMs }
}
