import { spawn } from 'node:child_process'

/** What a program printed and how it ended. */
export interface Result {
  /** -1 when a signal or the deadline ended it. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly input?: string | Uint8Array
  /** Default: one minute. */
  readonly timeoutMs?: number
  /** By default an exit code other than 0 is thrown. */
  readonly anyExit?: boolean
}

/** Runs a program on this host. Throws an error that carries its output when it fails. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
  const [file = '', ...rest] = argv
  // In a session of its own, so that a signal for a whole process group stays there.
  const child = spawn(file, rest, { detached: true, timeout: options.timeoutMs ?? 60_000, killSignal: 'SIGKILL' })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input ?? '')
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? -1))
    // Whoever inherited its output may live on.
    child.on('exit', (_code, signal) => signal !== null && resolve(-1))
  })
  const result = { exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
  if (exitCode !== 0 && options.anyExit !== true) {
    throw new Error(`${argv.join(' ')} ended with exit code ${String(exitCode)}\n${result.stdout}${result.stderr}`)
  }
  return result
}
