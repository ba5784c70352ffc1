import type { Alert, TimelineEntry } from '../core/alert.ts'
import {
  humanDuration,
  localDateTime,
  localMinute,
  localOffsetMinutesAt,
  localTime,
  offsetName,
  type OffsetMinutesAt,
} from './human-time.ts'
import { asSentence, oneSafeLine, TEXT_WIDTH, wrap } from './plain-text.ts'
import type { HeldBack } from './alert-memory.ts'

const MAXIMUM_SUBJECT = 200
const MAXIMUM_SENTENCE = 1000
/** A command that is cut is worth nothing: long enough for the longest that is suggested. */
const MAXIMUM_COMMAND = 8000
const MAXIMUM_LOG_LINE = 200
const MAXIMUM_LOG_LINES = 20
const MAXIMUM_LIST = 25
const MAXIMUM_TIMELINE = 40

/**
 * A mail of an alert, in plain text of 76 columns (log lines and commands are not broken). What a person needs in the
 * first ten seconds comes first: verdict, how long, what to run. Outside text can neither forge lines nor show secrets.
 */
export function renderAlert(
  alert: Alert,
  heldBack: HeldBack,
  offsetAt: OffsetMinutesAt = localOffsetMinutesAt,
): { subject: string; text: string } {
  const blocks = [
    wrap(asSentence(oneSafeLine(alert.verdict, MAXIMUM_SENTENCE)), '', ''),
    facts(alert, heldBack, offsetAt),
    commands('What to run next', alert.nextCommands),
    list('Evidence', alert.evidence),
    list('Ruled out', alert.ruledOut),
    list('What pgwatchd did', alert.done),
    list('What it did not do, and why', alert.notDone),
    timeline(alert.timeline, offsetAt),
    logTail(alert.logTail),
    signature(alert),
  ]
  const text = blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
  return { subject: subjectOf(alert), text: `${text}\n` }
}

/** "[CRITICAL] db1 15-main: PostgreSQL is down, pgwatchd has given up" */
function subjectOf(alert: Alert): string {
  const place = alert.cluster === '' ? alert.host : `${alert.host} ${alert.cluster}`
  return oneSafeLine(`[${alert.severity}] ${place}: ${alert.headline}`, MAXIMUM_SUBJECT)
}

function facts(alert: Alert, heldBack: HeldBack, offsetAt: OffsetMinutesAt): readonly string[] {
  const offset = offsetAt(alert.wallMs)
  const rows: (readonly [string, string])[] = [
    ['Where', alert.cluster === '' ? alert.host : `cluster ${alert.cluster} on ${alert.host}`],
    ['When', `${localDateTime(alert.wallMs, offset)} (UTC${offsetName(offset)})`],
  ]
  if (alert.downtimeMs !== undefined) rows.push(['Down for', humanDuration(alert.downtimeMs)])
  if (heldBack.count > 0) rows.push(['Repeats', heldBackSentence(heldBack, offsetAt)])
  if (alert.incidentId !== '') rows.push(['Incident', alert.incidentId])
  return rows.map(([name, value]) => `${`${name}:`.padEnd(10)} ${oneSafeLine(value, MAXIMUM_LOG_LINE)}`)
}

function heldBackSentence(heldBack: HeldBack, offsetAt: OffsetMinutesAt): string {
  const since = localMinute(heldBack.sinceWallMs, offsetAt(heldBack.sinceWallMs))
  return `${heldBack.count} like this since ${since} ${heldBack.count === 1 ? 'was' : 'were'} held back`
}

function list(title: string, sentences: readonly string[]): readonly string[] {
  if (sentences.length === 0) return []
  const shown = sentences.slice(0, MAXIMUM_LIST).flatMap((sentence) => wrap(oneSafeLine(sentence, MAXIMUM_SENTENCE), '  - ', '    '))
  return [title, ...shown, ...more(sentences.length - MAXIMUM_LIST)]
}

function commands(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${oneSafeLine(line, MAXIMUM_COMMAND)}`)]
}

/** The first entries and the last: how it began and how it stands. */
function timeline(entries: readonly TimelineEntry[], offsetAt: OffsetMinutesAt): readonly string[] {
  const first = entries[0]
  if (first === undefined) return []
  const half = MAXIMUM_TIMELINE / 2
  const offset = offsetAt(first.wallMs)
  const title = `Timeline (UTC${offsetName(offset)}, from ${localDateTime(first.wallMs, offset).slice(0, 10)})`
  const line = (entry: TimelineEntry): readonly string[] =>
    wrap(oneSafeLine(entry.text, MAXIMUM_SENTENCE), `  ${localTime(entry.wallMs, offsetAt(entry.wallMs))}  `, ' '.repeat(16))
  if (entries.length <= MAXIMUM_TIMELINE) return [title, ...entries.flatMap(line)]
  return [title, ...entries.slice(0, half).flatMap(line), ...more(entries.length - MAXIMUM_TIMELINE), ...entries.slice(-half).flatMap(line)]
}

function more(count: number): readonly string[] {
  return count > 0 ? [`  (${count} more)`] : []
}

function logTail(lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return []
  const shown = lines.slice(-MAXIMUM_LOG_LINES)
  return [`Last ${shown.length} lines of the server's log`, ...shown.map((line) => `  | ${oneSafeLine(line, MAXIMUM_LOG_LINE)}`)]
}

function signature(alert: Alert): readonly string[] {
  const more = alert.incidentId === '' ? 'journalctl -u pgwatchd' : `pgwatchd incidents ${alert.incidentId}`
  return ['-'.repeat(TEXT_WIDTH), `pgwatchd on ${alert.host}. All details: ${more}`]
}
