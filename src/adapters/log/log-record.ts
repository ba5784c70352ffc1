import type { LogEntry, LogField } from '../../ports/log.ts'

/** What is written besides the sentence: `event`, `cluster`, `incident`, and the entry's own fields. */
export type LogRecord = Readonly<Record<string, LogField>>

const MAXIMUM_MESSAGE = 4000
const MAXIMUM_FIELD = 2000
const RESERVED = new Set(['time', 'level', 'message', 'event', 'cluster', 'incident'])

/** Fields in the order in which they are read; a field cannot take the place of a reserved one. */
export function toRecord(entry: LogEntry): LogRecord {
  const own = Object.entries(entry.fields ?? {}).map(([name, value]) => [RESERVED.has(name) ? `${name}_` : name, bounded(value)] as const)
  return {
    event: entry.event,
    ...(entry.cluster === undefined ? {} : { cluster: entry.cluster }),
    ...(entry.incident === undefined || entry.incident === '' ? {} : { incident: entry.incident }),
    ...Object.fromEntries(own),
  }
}

function bounded(value: LogField): LogField {
  return typeof value === 'string' && value.length > MAXIMUM_FIELD ? `${value.slice(0, MAXIMUM_FIELD)} [...]` : value
}

/**
 * The sentence on one line: line ends and other control characters become visible, so that outside text can neither forge
 * a line of the journal nor act on a terminal.
 */
export function toSentence(message: string): string {
  const cut = message.length > MAXIMUM_MESSAGE ? `${message.slice(0, MAXIMUM_MESSAGE)} [...]` : message
  return cut.replace(/\r?\n/g, ' \\n ').replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '?')
}
