import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { askDaemon } from '../../src/cli/control-client.ts'
import type { ClusterReport } from '../../src/daemon/control-protocol.ts'
import { asUser } from './stage.ts'
import type { Stage } from './stage.ts'

const POLL_MS = 5
const PATIENCE_MS = 60_000

/** A line of the log by its own timestamp. */
export interface LogLine {
  readonly wallMs: number
  readonly event: string
  readonly message: string
}

export interface Daemon {
  readonly pid: number
  /** From its start to the end of its first look, in milliseconds, to within 5 ms. */
  readonly firstVerdictMs: number
  readonly lines: readonly LogLine[]
  /** What `status` answers about the cluster. */
  report(): Promise<ClusterReport>
  /** Resolves at the first line since `fromWallMs` that `matches`. */
  waitFor(matches: (line: LogLine) => boolean, fromWallMs: number): Promise<LogLine>
  stop(): Promise<void>
}

async function reportOf(socketPath: string): Promise<ClusterReport> {
  for await (const answer of askDaemon(socketPath, { command: 'status' }, PATIENCE_MS)) {
    const report = answer.type === 'status' ? answer.status.clusters[0] : undefined
    if (report !== undefined) return report
  }
  throw new Error('the daemon watches no cluster')
}

/** Asks again and again until `ask` gives an answer; a daemon that does not listen yet is asked again. */
async function poll<T>(what: string, ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const startMs = performance.now()
  while (performance.now() - startMs < PATIENCE_MS) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await sleep(POLL_MS)
  }
  throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}`)
}

function parseLine(text: string): LogLine {
  const fields = JSON.parse(text) as { time: string; event: string; message: string }
  return { wallMs: Date.parse(fields.time), event: fields.event, message: fields.message }
}

/** Starts the daemon; resolves when it has looked at the cluster for the first time. */
export async function startDaemon(stage: Stage, config: string): Promise<Daemon> {
  const [file = '', ...words] = asUser(stage.identity, [stage.program.launcher, 'run', '--config', config, '--log-format', 'json'])
  const startMs = performance.now()
  const child = spawn(file, words, { cwd: '/', env: stage.environment, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: LogLine[] = []
  createInterface({ input: child.stdout }).on('line', (text) => lines.push(parseLine(text)))
  const socketPath = join(stage.runtimeDirectory, 'control.sock')
  await poll('the first look', async () => {
    if (child.exitCode !== null) throw new Error(`pgwatchd ended with ${child.exitCode}: ${lines.at(-1)?.message ?? 'without a word'}`)
    const report = await reportOf(socketPath).catch(() => undefined)
    return report?.lastTickWallMs ?? undefined
  })
  const firstVerdictMs = performance.now() - startMs
  return {
    pid: child.pid ?? 0,
    firstVerdictMs,
    lines,
    report: () => reportOf(socketPath),
    waitFor: (matches, fromWallMs) => poll('a line of the log', () => lines.find((line) => line.wallMs >= fromWallMs && matches(line))),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}
