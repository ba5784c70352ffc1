import type { Config, LoadedConfig } from '../config/config.ts'
import { describeProblem } from '../config/describe.ts'
import type { Invocation, Io } from './command.ts'
import { textOf } from './command.ts'
import { DEFAULT_CONFIG_FILE } from './common-options.ts'
import { EXIT } from './exit-codes.ts'
import { explainCode, readText } from './files.ts'
import { printFailure } from './print.ts'

export type ConfigRead =
  | { readonly status: 'read'; readonly file: string; readonly loaded: LoadedConfig }
  /** The default file is missing: everything has its default. */
  | { readonly status: 'defaults'; readonly file: string; readonly loaded: LoadedConfig }
  | { readonly status: 'unreadable'; readonly file: string; readonly code: string }

/** Reads and checks `file`, or the default one when it is `undefined`. Only the default one may be missing. */
export async function readConfig(file: string | undefined): Promise<ConfigRead> {
  const { parseConfig } = await import('../config/load.ts')
  const path = file ?? DEFAULT_CONFIG_FILE
  const text = await readText(path)
  if (text.ok) return { status: 'read', file: path, loaded: parseConfig(text.value, path) }
  if (file === undefined && text.code === 'ENOENT') return { status: 'defaults', file: path, loaded: parseConfig('', path) }
  return { status: 'unreadable', file: path, code: text.code }
}

/**
 * Where the running daemon is found. A file that has become invalid must not keep people from it, since the daemon goes on
 * with what it read before: the default place is tried then.
 */
export async function daemonConfigFor(invocation: Invocation, io: Io): Promise<ConfigOrExit> {
  const file = textOf(invocation, 'config')
  const read = await readConfig(file)
  if (read.status === 'unreadable' || read.loaded.ok) return await configFor(invocation, io)
  const { parseConfig } = await import('../config/load.ts')
  const defaults = parseConfig('', read.file)
  return defaults.ok ? { ok: true, config: defaults.config, file: read.file } : await configFor(invocation, io)
}

export type ConfigOrExit =
  { readonly ok: true; readonly config: Config; readonly file: string } | { readonly ok: false; readonly exitCode: number }

/** The configuration for a command that needs it; otherwise tells why not, and gives the exit code. */
export async function configFor(invocation: Invocation, io: Io, exitCode: number = EXIT.configuration): Promise<ConfigOrExit> {
  const read = await readConfig(textOf(invocation, 'config'))
  if (read.status === 'unreadable') {
    const message = `cannot read the configuration ${read.file}: ${explainCode(read.code)}`
    const hint = read.code === 'EACCES' ? 'run it as root or as the user postgres' : 'name an existing file with --config FILE'
    return { ok: false, exitCode: printFailure(io, invocation, { code: 'config-unreadable', message, hint }, exitCode) }
  }
  if (!read.loaded.ok) {
    const message = `the configuration is not valid:\n${read.loaded.problems.map(describeProblem).join('\n')}`
    return { ok: false, exitCode: printFailure(io, invocation, { code: 'config-invalid', message, hint: '' }, exitCode) }
  }
  return { ok: true, config: read.loaded.config, file: read.file }
}
