import type { Row } from '../../ports/postgres.ts'
import type { StepContext } from '../step.ts'

/** Statements for a server that serves nobody but them. */
export interface SingleUserWork {
  readonly database: string
  /** "ignore_checksum_failure=on" */
  readonly settings: readonly string[]
  /** One line each. */
  readonly statements: readonly string[]
  readonly timeoutMs: number
}

/** The rows of all statements in order, or the first error that the server said. */
export type SingleUserAnswer = { readonly ok: true; readonly rows: readonly Row[] } | { readonly ok: false; readonly why: string }

/** What a person may have configured and a repair must not wait for, run, or write elsewhere. */
const SETTINGS = [
  'lc_messages=C',
  'logging_collector=off',
  'log_destination=stderr',
  'log_line_prefix=%e ',
  'log_min_messages=error',
  'log_statement=none',
  'log_checkpoints=off',
  'shared_preload_libraries=',
  'session_preload_libraries=',
  'local_preload_libraries=',
  'synchronous_commit=local',
  'default_transaction_read_only=off',
  'statement_timeout=0',
]

const ERROR = /^[0-9A-Z]{5} (?:ERROR|FATAL|PANIC): {2}.*/m
const VALUE = /^(?:backend> )*\t ?\s*\d+: (?<name>\S+) = "(?<value>.*)"\t\(typeid = /
const END_OF_ROW = '\t----'

/**
 * Runs statements in single-user mode, without the indexes of system catalogs. Only for a cluster of which nothing runs; there is
 * no socket, so nobody else gets in, and at the end of its input it shuts down in an orderly way, also when pgwatchd is killed.
 */
export async function runSingleUser(context: StepContext, work: SingleUserWork, signal: AbortSignal): Promise<SingleUserAnswer> {
  const { cluster, outside } = context
  const configFile = cluster.configFile === '' ? [] : [`config_file=${cluster.configFile}`]
  const settings = [...configFile, ...SETTINGS, ...work.settings].flatMap((setting) => ['-c', setting])
  const request = {
    file: `${cluster.binaryDirectory}/postgres`,
    arguments: ['--single', '-P', '-D', cluster.dataDirectory, ...settings, work.database],
    timeoutMs: work.timeoutMs,
    input: work.statements.map((statement) => `${statement.replaceAll(/\s+/g, ' ').trim()}\n`).join(''),
  }
  const result = await outside.commands.run(request, signal)
  const error = ERROR.exec(result.stderr)?.[0]
  if (error !== undefined) return { ok: false, why: error }
  if (result.outcome !== 'exited' || result.exitCode !== 0)
    return { ok: false, why: `the single-user server was not done: ${lastLine(result.stderr) ?? result.outcome}` }
  return { ok: true, rows: readRows(result.stdout) }
}

/** Each row ends with a line of dashes; the one before the first row of a statement only lists the columns. */
export function readRows(stdout: string): readonly Row[] {
  const rows: Record<string, string>[] = []
  let row: Record<string, string> = {}
  for (const line of stdout.split('\n')) {
    const { name, value } = VALUE.exec(line)?.groups ?? {}
    if (name !== undefined && value !== undefined) row[name] = value
    if (line !== END_OF_ROW || Object.keys(row).length === 0) continue
    rows.push(row)
    row = {}
  }
  return rows
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined
}
