import type { Invocation, Io } from './command.ts'
import { isSet } from './command.ts'
import { styleFor } from './style.ts'

/** A failure that a person is told about. */
export interface Failure {
  /** Stable word for programs, kebab-case. */
  readonly code: string
  /** What was attempted, on what, and why it failed; no full stop. */
  readonly message: string
  /** What to do about it; empty when nothing is known to help. */
  readonly hint: string
}

/** Writes one JSON document. */
export function printJson(io: Io, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

/** Tells of a failure: on stderr for people, as a document on stdout with `--json`. Returns `exitCode`. */
export function printFailure(io: Io, invocation: Invocation, failure: Failure, exitCode: number): number {
  if (isSet(invocation, 'json')) {
    printJson(io, { error: failure })
    return exitCode
  }
  const style = styleFor(io, io.stderr)
  io.stderr.write(`${style.bad('error:')} ${failure.message}\n`)
  if (failure.hint !== '') io.stderr.write(`${failure.hint}\n`)
  return exitCode
}
