import { basename } from 'node:path'
import type { CommandRequest, CommandResult, Commands } from '../../src/ports/commands.ts'
import { OutsideError } from '../../src/ports/outside-error.ts'

/** What a scripted program does: a result (exit code 0 and no output unless told), or a function that computes or rejects. */
export type Scripted =
  | Partial<CommandResult>
  | ((request: CommandRequest, signal: AbortSignal | undefined) => Partial<CommandResult> | Promise<Partial<CommandResult>>)

export interface FakeCommands extends Commands {
  /** Every request so far, in order. */
  readonly requests: CommandRequest[]
  /** Requests as one line each: base name of the program and its arguments. */
  lines(): string[]
  /**
   * Answers requests for a program (base name, or a test of the request); the latest matching script wins.
   * Several results are given one after the other, the last one again and again.
   */
  on(program: string | ((request: CommandRequest) => boolean), ...results: Scripted[]): void
  /** The program cannot be started: rejects with that errno. */
  onMissing(program: string, code?: string): void
}

/** Programs that only exist on paper. A request without a script is a mistake of the test and rejects with a plain Error. */
export function createFakeCommands(): FakeCommands {
  const requests: CommandRequest[] = []
  const scripts: { matches: (request: CommandRequest) => boolean; results: Scripted[] }[] = []

  function on(program: string | ((request: CommandRequest) => boolean), ...results: Scripted[]): void {
    const matches = typeof program === 'string' ? (request: CommandRequest) => basename(request.file) === program : program
    scripts.unshift({ matches, results: results.length > 0 ? results : [{}] })
  }

  async function run(request: CommandRequest, signal?: AbortSignal): Promise<CommandResult> {
    requests.push(request)
    const script = scripts.find((candidate) => candidate.matches(request))
    if (script === undefined) throw new Error(`no script for: ${toLine(request)}`)
    const result = script.results.length > 1 ? script.results.shift() : script.results[0]
    if (signal?.aborted) return complete({ exitCode: undefined, outcome: 'aborted' })
    const given = complete(typeof result === 'function' ? await result(request, signal) : (result ?? {}))
    for (const line of splitLines(given.stderr + given.stdout)) request.onLine?.(line)
    return given
  }

  function onMissing(program: string, code = 'ENOENT'): void {
    on(program, () => {
      throw new OutsideError({ operation: 'start', object: program, code, reason: code })
    })
  }

  return { requests, lines: () => requests.map(toLine), on, onMissing, run }
}

function complete(result: Partial<CommandResult>): CommandResult {
  return { exitCode: 0, stdout: '', stderr: '', outcome: 'exited', tookMs: 1, ...result }
}

function toLine(request: CommandRequest): string {
  return [basename(request.file), ...request.arguments].join(' ')
}

function splitLines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
