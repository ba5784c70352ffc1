import pino from 'pino'
import type { Log, LogEntry, LogLevel } from '../../ports/log.ts'
import { journalLine, prettyLine, type Line } from './lines.ts'
import { resolveLogFormat, wantsColour, type LogFormat } from './log-format.ts'
import { toRecord, toSentence, type LogRecord } from './log-record.ts'
import { createOutput, type LineStream } from './output.ts'

export { resolveLogFormat } from './log-format.ts'

export interface LogOptions {
  readonly format: LogFormat | 'auto'
  /** Entries below it are not written. */
  readonly level: LogLevel
  /** `JOURNAL_STREAM`, `NO_COLOR`, `FORCE_COLOR`, `TERM` are read. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where lines go instead of stdout. */
  readonly stream?: LineStream
  /** Whether it is a terminal; of stdout this is known. */
  readonly isTerminal?: boolean
}

export interface ProcessLog extends Log {
  /** Changes the level, for a reload. */
  setLevel(level: LogLevel): void
  /** Lines lost since the start, because the reader of stdout did not keep up. */
  dropped(): number
}

/** The port's levels with numbers that pino orders them by. */
const LEVELS: Readonly<Record<LogLevel, number>> = { debug: 20, info: 30, notice: 35, warning: 40, err: 50, crit: 60 }

/**
 * The log on pino. Writing never waits for the reader of stdout: journald may stall for seconds, and the daemon must not
 * stall with it. What does not fit into the buffer is dropped and counted.
 */
export function createLog(options: LogOptions): ProcessLog {
  const isTerminal = options.isTerminal ?? (options.stream === undefined && process.stdout.isTTY)
  const format = resolveLogFormat(options.format, options.environment, isTerminal)
  const output = createOutput(options.stream)
  const logger = createPino(format, options.level, toLineStream(format, output.write, wantsColour(options.environment, isTerminal)))
  output.onRecovered((count) => write(droppedEntry(count)))

  function write(entry: LogEntry): void {
    logger[entry.level](toRecord(entry), toSentence(entry.message))
  }

  return {
    write,
    flush: output.flush,
    setLevel: (level) => void (logger.level = level),
    dropped: output.dropped,
  }
}

function droppedEntry(count: number): LogEntry {
  const message = `${count} log lines were dropped, because stdout was not read`
  return { level: 'warning', event: 'log-dropped', message, fields: { count } }
}

function createPino(format: LogFormat, level: LogLevel, stream: LineStream) {
  return pino<LogLevel>(
    {
      level,
      customLevels: { ...LEVELS },
      useOnlyCustomLevels: true,
      messageKey: 'message',
      base: null,
      timestamp: format === 'json' ? pino.stdTimeFunctions.isoTime : false,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  )
}

/** What pino leaves on a stream that asks for it (`pino.metadata`), besides the JSON it passes. */
interface Metadata {
  lastLevel: number
  lastMsg: string
  lastObj: LogRecord
}

/** pino's JSON as it is, or the same entry in the form for people and the journal. */
function toLineStream(format: LogFormat, write: (text: string) => void, inColour: boolean): LineStream {
  if (format === 'json') return { write }
  const stream = {
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    lastMsg: '',
    lastObj: {},
    write(this: Metadata) {
      const line: Line = { level: levelOf(this.lastLevel), wallMs: Date.now(), sentence: this.lastMsg, record: this.lastObj }
      write(format === 'journal' ? journalLine(line) : prettyLine(line, inColour))
    },
  }
  return stream
}

function levelOf(number: number): LogLevel {
  const names = Object.keys(LEVELS) as LogLevel[]
  return names.find((name) => LEVELS[name] === number) ?? 'info'
}
