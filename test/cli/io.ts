import type { Io, Output } from '../../src/cli/command.ts'
import { runCli } from '../../src/cli/run-cli.ts'

export interface IoOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly isTerminal?: boolean
  readonly columns?: number
  readonly nowMs?: number
  /** What the person types; without it nobody can be asked. */
  readonly typed?: string
}

export interface Ran {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line as a process would, without one. */
export async function runWords(words: readonly string[], options: IoOptions = {}): Promise<Ran> {
  const written = { stdout: '', stderr: '' }
  const output = (name: keyof typeof written): Output => ({
    write: (text) => void (written[name] += text),
    isTerminal: options.isTerminal ?? false,
    columns: options.columns ?? 80,
  })
  const io: Io = {
    stdout: output('stdout'),
    stderr: output('stderr'),
    environment: options.environment ?? {},
    now: () => options.nowMs ?? Date.UTC(2026, 10, 21, 12),
    user: 'tester',
    isInteractive: options.typed !== undefined,
    ask: async (question) => {
      written.stderr += question
      return options.typed
    },
  }
  const exitCode = await runCli(words, io)
  return { exitCode, ...written }
}
