export type ServerSeverity = 'PANIC' | 'FATAL' | 'ERROR' | 'WARNING' | 'LOG'

/** One message of the server's log, without the prefix that `log_line_prefix` puts before it. */
export interface ServerMessage {
  readonly severity: ServerSeverity
  readonly text: string
}

/** Prefix, severity, a colon, two blanks; with `log_error_verbosity = verbose` the SQLSTATE comes before the text. */
const PLAIN = /(?:^|[^A-Za-z])([A-Z]+\d?): {2}(?:[0-9A-Z]{5}: )?(.*)$/

/** Every word that stands where a severity does. A client's application_name may hold one, and may be part of the prefix. */
const SEVERITIES =
  /(?:^|[^A-Za-z])(?:PANIC|FATAL|ERROR|WARNING|LOG|NOTICE|INFO|DEBUG\d?|DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION): {2}/g

/** Columns 12 to 14 of a `csvlog` line: severity, SQLSTATE, message. */
const COMMA_SEPARATED = /,(PANIC|FATAL|ERROR|WARNING|LOG),[0-9A-Z]{5},"((?:[^"]|"")*)"/

/**
 * Reads a line of `stderr`, `csvlog` or `jsonlog`. `undefined` for what is not the server's own message: DETAIL and HINT,
 * a STATEMENT that quotes its client, the further lines of a long message.
 */
export function parseServerLine(line: string): ServerMessage | undefined {
  if (line.startsWith('\t')) return undefined
  if (line.startsWith('{')) return parseJsonLine(line)
  const commaSeparated = COMMA_SEPARATED.exec(line)
  if (commaSeparated !== null) return toMessage(commaSeparated[1], commaSeparated[2]?.replaceAll('""', '"'))
  const plain = PLAIN.exec(line)
  const message = toMessage(plain?.[1], plain?.[2])
  return message !== undefined && isGrave(message) && (line.match(SEVERITIES)?.length ?? 0) > 1 ? undefined : message
}

/** What no client can write but by its name in the prefix: with a second severity in the line it is not believed. */
function isGrave({ severity }: ServerMessage): boolean {
  return severity === 'PANIC' || severity === 'FATAL'
}

function parseJsonLine(line: string): ServerMessage | undefined {
  try {
    const entry: unknown = JSON.parse(line)
    if (typeof entry !== 'object' || entry === null) return undefined
    const { error_severity: severity, message } = entry as Record<string, unknown>
    return typeof message === 'string' ? toMessage(severity, message) : undefined
  } catch {
    return undefined
  }
}

function toMessage(severity: unknown, text: string | undefined): ServerMessage | undefined {
  if (text === undefined) return undefined
  switch (severity) {
    case 'PANIC':
    case 'FATAL':
    case 'ERROR':
    case 'WARNING':
    case 'LOG':
      return { severity, text: text.trimEnd() }
    default:
      return undefined
  }
}
