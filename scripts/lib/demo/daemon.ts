import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Identity } from './identity.ts'
import { canRead, wordsAs } from './identity.ts'
import type { Narrator } from './narrator.ts'

const PROGRAM = join(import.meta.dirname, '../../../src/main.ts')
/** Too much for a timeline: mails are told when they arrive, and what a step did when it is done. */
const UNTOLD = /^(alert-|step-began$|step-skipped$|step-undone$|started$|stopping$)/

/** A line of pgwatchd's log. */
export interface LogLine {
  readonly event: string
  readonly level: string
  readonly message: string
  readonly atMs: number
  readonly fields: Readonly<Record<string, unknown>>
}

export interface Daemon {
  readonly pid: number
  readonly lines: readonly LogLine[]
  stop(): Promise<void>
}

/** Words of the program for one command line. */
export function pgwatchd(identity: Identity, ...words: string[]): readonly string[] {
  const program = [process.execPath, PROGRAM, ...words]
  return canRead(identity, PROGRAM) && canRead(identity, process.execPath) ? wordsAs(identity, program) : program
}

function parse(line: string): LogLine | undefined {
  try {
    const fields = JSON.parse(line) as Record<string, unknown>
    return {
      event: String(fields['event']),
      level: String(fields['level']),
      message: String(fields['message']),
      atMs: performance.now(),
      fields,
    }
  } catch {
    return undefined
  }
}

/** Starts the real daemon; resolves when it says that it is running. */
export async function startDaemon(identity: Identity, config: string, directory: string, narrator: Narrator): Promise<Daemon> {
  const [file = '', ...words] = pgwatchd(identity, 'run', '--config', config, '--log-format', 'json')
  const child = spawn(file, words, { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: LogLine[] = []
  const running = Promise.withResolvers<void>()
  child.once('exit', (code, signal) =>
    running.reject(new Error(`pgwatchd ended with ${code ?? signal}: ${lines.at(-1)?.message ?? 'without a word'}`)),
  )
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = parse(text)
    if (line === undefined) return
    lines.push(line)
    if (line.event === 'started') running.resolve()
    if (!UNTOLD.test(line.event)) narrator.tell('pgwatchd', line.message.replace(/^demo: /, ''))
  })
  await running.promise
  return {
    pid: child.pid ?? 0,
    lines,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}
