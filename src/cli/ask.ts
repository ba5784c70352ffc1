import { join } from 'node:path'
import type { ControlAnswer, ControlRequest } from '../daemon/control-protocol.ts'
import type { Invocation, Io } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { daemonConfigFor } from './load-config.ts'
import type { Failure } from './print.ts'
import { printFailure } from './print.ts'

/** A daemon that says nothing for this long is not waited for any longer. */
export const SILENCE_MS = 30_000
/** A recovery reports its steps, but one step alone may take long. */
export const RECOVERY_SILENCE_MS = 6 * 3_600_000

export type Done = Extract<ControlAnswer, { type: 'done' }>
export type Told = Exclude<ControlAnswer, { type: 'done' }>

export type Asked =
  | { readonly reached: true; readonly done: Done }
  /** The daemon could not be asked. */
  | { readonly reached: false; readonly kind: 'absent' | 'forbidden' | 'lost' | 'silent'; readonly message: string }

/** Where the daemon listens. */
export function controlSocketOf(config: { readonly runtimeDirectory: string }): string {
  return join(config.runtimeDirectory, 'control.sock')
}

/** Asks the daemon at `socketPath` and passes each answer before the last to `onAnswer`. */
export async function ask(
  socketPath: string,
  request: ControlRequest,
  silenceMs: number,
  onAnswer: (answer: Told) => void,
): Promise<Asked> {
  const client = await import('./control-client.ts')
  try {
    for await (const answer of client.askDaemon(socketPath, request, silenceMs)) {
      if (answer.type === 'done') return { reached: true, done: answer }
      onAnswer(answer)
    }
  } catch (error) {
    if (error instanceof client.ControlFailure) return { reached: false, kind: error.kind, message: error.message }
    throw error
  }
  return { reached: false, kind: 'lost', message: `the connection to ${socketPath} ended before the answer was complete` }
}

/** How a daemon that could not be asked is told of. */
export function unreachedFailure(asked: Extract<Asked, { reached: false }>): Failure {
  const hints = {
    absent: 'start it with: systemctl start pgwatchd',
    forbidden: 'it is open to root and to members of the group postgres: try again with sudo, or as the user postgres',
    lost: 'what it was doing is in: journalctl -u pgwatchd -n 50',
    silent: 'what it is doing is in: journalctl -u pgwatchd -n 50',
  }
  const subject =
    asked.kind === 'absent'
      ? 'pgwatchd is not running'
      : asked.kind === 'forbidden'
        ? 'pgwatchd may not be asked'
        : 'pgwatchd did not answer'
  return { code: `daemon-${asked.kind}`, message: `${subject}: ${asked.message}`, hint: hints[asked.kind] }
}

/**
 * Loads the configuration, asks the daemon, and tells of every failure. Resolves to the daemon's last answer when it is
 * good, otherwise to an exit code.
 */
export async function askOrFail(
  invocation: Invocation,
  io: Io,
  request: ControlRequest,
  onAnswer: (answer: Told) => void,
  silenceMs: number = SILENCE_MS,
): Promise<{ readonly ok: true; readonly text: string } | { readonly ok: false; readonly exitCode: number }> {
  const configured = await daemonConfigFor(invocation, io)
  if (!configured.ok) return configured
  const asked = await ask(controlSocketOf(configured.config), request, silenceMs, onAnswer)
  if (!asked.reached) return { ok: false, exitCode: printFailure(io, invocation, unreachedFailure(asked), EXIT.noDaemon) }
  if (asked.done.ok) return { ok: true, text: asked.done.text }
  const { code, text, hint } = asked.done
  return { ok: false, exitCode: printFailure(io, invocation, { code, message: text, hint }, EXIT.failed) }
}

/** Exit codes of every command that asks the daemon. */
export const DAEMON_EXIT_CODES: Readonly<Record<number, string>> = {
  [EXIT.failed]: 'the daemon refused it, or it failed',
  [EXIT.noDaemon]: 'pgwatchd is not running, or may not be asked',
  [EXIT.configuration]: 'the configuration cannot be used',
}
