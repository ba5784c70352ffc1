export type LogFormat = 'json' | 'journal' | 'pretty'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * `auto` is pretty on a terminal, for the journal where systemd has connected stdout to it (`JOURNAL_STREAM`; on a
 * terminal that variable is only inherited), and JSON otherwise.
 */
export function resolveLogFormat(
  format: LogFormat | 'auto',
  environment: Environment,
  isTerminal: boolean = process.stdout.isTTY,
): LogFormat {
  if (format !== 'auto') return format
  if (isTerminal) return 'pretty'
  return (environment['JOURNAL_STREAM'] ?? '') === '' ? 'json' : 'journal'
}

/** NO_COLOR (any value) turns colours off, FORCE_COLOR (any value but `0`) turns them on; else a terminal has them. */
export function wantsColour(environment: Environment, isTerminal: boolean): boolean {
  const forced = environment['FORCE_COLOR'] ?? ''
  if (forced !== '') return forced !== '0' && forced !== 'false'
  return (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb' && isTerminal
}
