/** A stream of text that a command writes to: the process's own, or a test's. */
export interface Output {
  write(text: string): void
  /** Colours and wrapping are for terminals only. */
  readonly isTerminal: boolean
  /** Width in characters; meaningful only on a terminal. */
  readonly columns: number
}

/** Everything a command may touch of its own process, so that it runs in tests without one. */
export interface Io {
  readonly stdout: Output
  readonly stderr: Output
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Milliseconds since 1970. */
  now(): number
  /** Who types: the login name, also behind sudo. */
  readonly user: string
  /** True when a person can be asked. */
  readonly isInteractive: boolean
  /** The typed line without its newline; `undefined` at the end of the input. */
  ask(question: string): Promise<string | undefined>
}

/** What completes an argument in a shell. */
export type Completion = 'file' | 'directory' | readonly string[]

/** One option, as data: parsed, helped, documented and completed from here. */
export interface Option {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  /** What stands for the value in the manual: `FILE`. Set for `string`. */
  readonly value?: string
  /** One sentence without a full stop, lower case. */
  readonly description: string
  readonly completion?: Completion
}

/** The argument that is no option. */
export interface Positional {
  /** `ID`; printed in brackets unless it is required. */
  readonly name: string
  readonly required: boolean
  readonly description: string
  readonly completion?: Completion
}

/** A command line that fits its command's tables. */
export interface Invocation {
  readonly values: Readonly<Record<string, string | boolean | undefined>>
  readonly positional: string | undefined
}

export interface Command {
  /** The file's name. */
  readonly name: string
  /** One sentence without a full stop, starting with a verb in the imperative. */
  readonly summary: string
  /** Paragraphs for `--help` and the manual. */
  readonly description: readonly string[]
  /** Its own options; the common ones are added to every command. */
  readonly options: Readonly<Record<string, Option>>
  readonly positional?: Positional
  readonly examples: readonly { readonly line: string; readonly explanation: string }[]
  /** What each exit code means, beyond the common ones. */
  readonly exitCodes: Readonly<Record<number, string>>
  /** Resolves to the exit code. Expected failures are printed, not thrown. */
  run(invocation: Invocation, io: Io): Promise<number>
}

/** A command that is loaded only when it is needed, so that each start stays small. */
export interface CommandEntry {
  readonly name: string
  load(): Promise<{ readonly command: Command }>
}

/** The value of a `string` option; `undefined` when it was not given. */
export function textOf(invocation: Invocation, option: string): string | undefined {
  const value = invocation.values[option]
  return typeof value === 'string' ? value : undefined
}

/** Whether a `boolean` option was given. */
export function isSet(invocation: Invocation, option: string): boolean {
  return invocation.values[option] === true
}
