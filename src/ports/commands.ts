export interface CommandRequest {
  /** Absolute path, or a name that is looked up in a fixed PATH. Never a shell string. */
  readonly file: string
  readonly arguments: readonly string[]
  readonly timeoutMs: number
  /** Added to a minimal environment (PATH, LC_ALL=C, TZ, HOME); nothing else is inherited. */
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
  readonly workingDirectory?: string
  /** Whole lines of stderr and stdout as they come, for progress. */
  readonly onLine?: (line: string) => void
}

export interface CommandResult {
  /** `undefined` when it was ended by a signal, by the deadline or by the AbortSignal. */
  readonly exitCode: number | undefined
  /** Each cut to its last 1 MiB. */
  readonly stdout: string
  readonly stderr: string
  readonly outcome: 'exited' | 'signalled' | 'timed-out' | 'aborted'
  readonly tookMs: number
}

/** Programs with a deadline. Rejects with `OutsideError` only when the program cannot be started at all (`ENOENT`, `EAGAIN`). */
export interface Commands {
  run(request: CommandRequest, signal?: AbortSignal): Promise<CommandResult>
}
