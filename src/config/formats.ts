import { isSchedule } from './schedule.ts'

interface FormatRule {
  readonly accepts: (text: string) => boolean
  /** Completes "expected …". */
  readonly expected: string
  /** For editors (JSON Schema); `undefined` where no short pattern tells it. */
  readonly pattern?: string
}

/** Starts with a letter or digit, so that it can be a file name and is never `.` or `..`. */
const NAME = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'
const CREDENTIAL = '^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$'
const VARIABLE = '^[A-Za-z_][A-Za-z0-9_]*$'
const UNIT = '^[A-Za-z0-9:_.@\\\\-]{1,247}\\.service$'
const HOST = '^[A-Za-z0-9_.:-]{1,253}$'
const PART = '[^\\s<>@,;:"()\\[\\]]+'
const ADDRESS = `^(${PART}@${PART}|([^<>@,;:"()\\[\\]]+ )?<${PART}@${PART}>)$`

const RULES = {
  'cluster name': byPattern(NAME, 'a name of letters, digits, ".", "_" and "-" that begins with a letter or digit, such as 15-main'),
  'credential name': byPattern(CREDENTIAL, 'the name of a systemd credential, such as smtp-password'),
  'environment variable': byPattern(VARIABLE, 'the name of an environment variable, such as SMTP_PASSWORD'),
  'service unit': byPattern(UNIT, 'the name of a service unit, such as postgresql@15-main.service'),
  host: byPattern(HOST, 'a host name or address, such as mail.example.org'),
  'mail address': { accepts: isMailAddress, expected: 'a mail address, such as dba@example.org', pattern: ADDRESS },
  identifier: { accepts: isIdentifier, expected: 'a name of 1 to 63 bytes, such as app' },
  schedule: { accepts: (text) => text === '' || isSchedule(text), expected: 'five fields as in a crontab, such as "0 6 * * 1", or ""' },
  'time zone': {
    accepts: isTimeZone,
    expected: 'a time zone, such as UTC or Europe/Berlin',
    pattern: '^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$',
  },
  words: { accepts: isOneLine, expected: 'one line of at most 1024 characters' },
} as const satisfies Readonly<Record<string, FormatRule>>

/** What a text must look like. */
export type Format = keyof typeof RULES

/** The rule behind each format. */
export const FORMATS: Readonly<Record<Format, FormatRule>> = RULES

function byPattern(pattern: string, expected: string): FormatRule {
  const expression = new RegExp(pattern)
  return { accepts: (text) => expression.test(text), expected, pattern }
}

/** Asked of the runtime only for what is not UTC: its tables of time zones cost memory. */
function isTimeZone(text: string): boolean {
  if (text === 'UTC') return true
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** `a@b`, or `Name <a@b>`. */
function isMailAddress(text: string): boolean {
  return isOneLine(text) && new RegExp(ADDRESS).test(text)
}

/** PostgreSQL cuts longer names to NAMEDATALEN - 1 bytes without a word, and then means another role. */
function isIdentifier(text: string): boolean {
  return text !== '' && isOneLine(text) && new TextEncoder().encode(text).length <= 63
}

/** Nothing that could end a line of a log, a mail header or a connection string. */
function isOneLine(text: string): boolean {
  return text.length <= 1024 && !/[\u0000-\u001f\u007f-\u009f]/.test(text)
}
