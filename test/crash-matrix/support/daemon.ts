import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { askDaemon, ControlFailure } from '../../../src/cli/control-client.ts'
import type { Stage } from './stage.ts'

/** A line of pgwatchd's log. */
export interface LogLine {
  readonly event: string
  readonly message: string
  readonly [field: string]: unknown
}

/** pgwatchd as it runs in front of a stage. */
export interface Daemon {
  /** Its log so far. */
  readonly log: readonly LogLine[]
  hasEnded(): boolean
  /** True once it watches. */
  isRunning(): boolean
  /** The mode that its last look led to; `undefined` before the first. */
  mode(): Promise<string | undefined>
  /** SIGTERM; throws when that does not end it. */
  stop(): Promise<void>
}

const AS_OWNER = ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', '--']
const STOP_TIMEOUT_MS = 20_000

/** Starts it as the user postgres, by itself or under `tracer`: words of strace, which changes the user as well. */
export function startDaemon(stage: Stage, tracer: readonly string[] = []): Daemon {
  const isTraced = tracer.length > 0
  const [file = '', ...words] = [...(isTraced ? tracer : AS_OWNER), ...stage.program]
  // One thread for files, so that its calls come one after the other and can be counted.
  const environment = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', NODE_COMPILE_CACHE: `${stage.directory}/cache`, UV_THREADPOOL_SIZE: '1' }
  const child = spawn(file, [...words, 'run', '--config', stage.configFile, '--log-format', 'json'], {
    cwd: '/',
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const log: LogLine[] = []
  createInterface({ input: child.stdout }).on('line', (line) => log.push(JSON.parse(line) as LogLine))
  const ended = once(child, 'exit')
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    log,
    hasEnded,
    isRunning: () => log.some(({ event }) => event === 'started'),
    mode: () => (isTraced ? Promise.resolve(modeIn(log)) : askForMode(`${stage.runtimeDirectory}/control.sock`)),
    async stop() {
      if (hasEnded()) return
      const pid = child.pid ?? 0
      for (const target of isTraced ? childrenOf(pid) : [pid]) process.kill(target, 'SIGTERM')
      const stopped = await Promise.race([ended.then(() => true), sleep(STOP_TIMEOUT_MS, false)])
      if (!stopped) throw new Error('pgwatchd did not end on SIGTERM')
    },
  }
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8').trim()
  return text === '' ? [] : text.split(' ').map(Number)
}

/** A question would add calls to those that are traced. */
function modeIn(log: readonly LogLine[]): string | undefined {
  return log.findLast(({ event }) => event.startsWith('mode-'))?.event.slice('mode-'.length)
}

async function askForMode(socket: string): Promise<string | undefined> {
  try {
    for await (const answer of askDaemon(socket, { command: 'status' }, 2000)) {
      const report = answer.type === 'status' ? answer.status.clusters[0] : undefined
      if (report !== undefined) return report.lastTickWallMs === null || report.step !== '' ? undefined : report.mode
    }
  } catch (error) {
    if (!(error instanceof ControlFailure)) throw error
  }
  return undefined
}
