import { parseServerLine } from './log-line.ts'
import type { ServerMessage } from './log-line.ts'

/** A message with what tells whether a session wrote it on behalf of a client. */
export interface AttributedMessage extends ServerMessage {
  /** True when a statement or its context follows, or a user is named: its text may be anybody's, at every severity below FATAL. */
  readonly bySession: boolean
}

/** What follows a message that was written while a statement ran. */
const OF_STATEMENT = /(?:^|[^A-Za-z])(?:STATEMENT|CONTEXT|QUERY): {2}/

/** A `csvlog` record: time, user, database. */
const CSV_RECORD = /^\d{4}-\d\d-\d\d [\d:.]+ [^,"]+,("(?:[^"]|"")*")?,/

const MOST_LINES_PER_RECORD = 1000

/** The server's messages in lines of its log, in order; their further lines are not messages of their own. */
export function readMessages(lines: readonly string[]): readonly AttributedMessage[] {
  const messages: AttributedMessage[] = []
  for (const line of joinRecords(lines)) {
    const message = parseServerLine(line)
    if (message !== undefined) messages.push({ ...message, bySession: namesUser(line) })
    else if (!line.startsWith('\t') && OF_STATEMENT.test(line)) attributeLast(messages)
  }
  return messages
}

/** A `csvlog` record goes on over line ends inside quotes, where a client may have written what looks like a record. */
function joinRecords(lines: readonly string[]): readonly string[] {
  const records: string[] = []
  let open: string[] = []
  for (const line of lines) {
    const inRecord = open.length > 0
    if (!inRecord && !CSV_RECORD.test(line)) {
      records.push(line)
      continue
    }
    open.push(line)
    if (!endsInsideQuotes(open) || open.length > MOST_LINES_PER_RECORD) {
      records.push(open.join(' '))
      open = []
    }
  }
  return records
}

function endsInsideQuotes(lines: readonly string[]): boolean {
  return lines.reduce((count, line) => count + line.split('"').length - 1, 0) % 2 === 1
}

function namesUser(line: string): boolean {
  if (line.startsWith('{')) return /"user":/.test(line)
  return CSV_RECORD.exec(line)?.[1] !== undefined
}

function attributeLast(messages: AttributedMessage[]): void {
  const last = messages.pop()
  if (last !== undefined) messages.push({ ...last, bySession: true })
}
