import type { LogLevel } from '../../ports/log.ts'
import type { LogRecord } from './log-record.ts'

/** One entry, ready to be written. */
export interface Line {
  readonly level: LogLevel
  readonly wallMs: number
  readonly sentence: string
  readonly record: LogRecord
}

/** syslog's numbers, which journald reads from a leading `<N>`. */
const PRIORITIES: Readonly<Record<LogLevel, number>> = { debug: 7, info: 6, notice: 5, warning: 4, err: 3, crit: 2 }

const COLOURS: Readonly<Record<LogLevel, number>> = { debug: 2, info: 0, notice: 32, warning: 33, err: 31, crit: 41 }

/** `<3>15-main: the postmaster is gone {"event":"mode-recovering",…}` */
export function journalLine(line: Line): string {
  return `<${PRIORITIES[line.level]}>${line.sentence} ${JSON.stringify(line.record)}\n`
}

/** `03:14:12.345 ERR     15-main: the postmaster is gone  event=mode-recovering …` in local time. */
export function prettyLine(line: Line, inColour: boolean): string {
  const paint = (code: number, text: string): string => (inColour && code !== 0 ? `\u001b[${code}m${text}\u001b[0m` : text)
  const fields = Object.entries(line.record)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(' ')
  const level = paint(COLOURS[line.level], line.level.toUpperCase().padEnd(7))
  return `${paint(2, localTime(line.wallMs))} ${level} ${line.sentence}  ${paint(2, fields)}\n`
}

function quoted(value: LogRecord[string]): string {
  return typeof value === 'string' && /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value)
}

function localTime(wallMs: number): string {
  const time = new Date(wallMs)
  const two = (part: number): string => String(part).padStart(2, '0')
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`
}
