import type { Damage, LogIndicators } from '../facts.ts'
import { anyOf } from './any-of.ts'
import { isClientRefusal, isRefusalForSlots } from './client-refusal.ts'
import { readDamage } from './damage.ts'
import { readMessages } from './server-messages.ts'
import type { AttributedMessage } from './server-messages.ts'

const MOST_SENTENCES = 10
const MOST_DAMAGES = 100
const LONGEST_SENTENCE = 500

/** A log that says nothing. */
export const NO_INDICATORS: LogIndicators = {
  panics: [],
  outOfSpace: false,
  quotaExceeded: false,
  ioError: false,
  outOfMemory: false,
  slotsRefused: false,
  configurationErrors: [],
  shutdownRequested: false,
  backendCrashed: false,
  damages: [],
  lastFatal: '',
}

const OUT_OF_SPACE = /^could not .*: No space left on device$/
const QUOTA_EXCEEDED = /^could not .*: Disk quota exceeded$/
const IO_ERROR = /^could not .*: (?:Input\/output error|Structure needs cleaning|Read-only file system)$|^could not (?:fsync|flush)/
/** A failed fsync is a fault of the storage, but for these. */
const NO_FAULT = anyOf(OUT_OF_SPACE, QUOTA_EXCEEDED)
const OUT_OF_MEMORY = /^out of memory|: Cannot allocate memory$/
const SHUTDOWN_REQUEST = /^received (?:smart|fast|immediate) shutdown request/
const CRASH = /\(PID \d+\) was terminated by signal|^server process \(PID \d+\) exited with exit code/
const CONFIGURATION = anyOf(
  /^configuration file ".*" contains errors/,
  /^could not load .*(?:pg_hba\.conf|hba file)/,
  /^syntax error in file/,
  /^unrecognized configuration parameter/,
  /^invalid value for parameter/,
  /^parameter ".*" cannot be changed/,
  /^could not access file "/,
  /^could not map anonymous shared memory/,
  /^could not create any (?:TCP\/IP|Unix-domain) sockets/,
  /^data directory ".*" has (?:invalid permissions|wrong ownership)/,
)

/**
 * What lines of the server's log say together. Works with any `log_line_prefix`, `csvlog` and `jsonlog`; messages in English.
 * A client may raise any text as LOG, WARNING or ERROR: what only the server can tell is taken from messages that it wrote
 * outside of statements, or as FATAL or PANIC.
 */
export function readIndicators(lines: readonly string[]): LogIndicators {
  const messages = readMessages(lines)
  const says = (pattern: RegExp): boolean => messages.some(({ severity, text }) => severity !== 'WARNING' && pattern.test(text))
  const logs = (pattern: RegExp): boolean => messages.some((message) => isOwnLog(message) && pattern.test(message.text))
  return {
    panics: bound(messages.filter(({ severity }) => severity === 'PANIC').map(({ text }) => text)),
    outOfSpace: says(OUT_OF_SPACE),
    quotaExceeded: says(QUOTA_EXCEEDED),
    ioError: messages.some((message) => isGrave(message) && IO_ERROR.test(message.text) && !NO_FAULT.test(message.text)),
    outOfMemory: says(OUT_OF_MEMORY),
    slotsRefused: messages.some(isRefusalForSlots),
    configurationErrors: bound(messages.filter(isConfigurationError).map(({ text }) => text)),
    shutdownRequested: logs(SHUTDOWN_REQUEST),
    backendCrashed: logs(CRASH),
    damages: withoutRepeats(messages.flatMap(({ severity, text }) => (severity === 'LOG' ? [] : (readDamage(cut(text)) ?? [])))),
    lastFatal: cut(messages.findLast(isFatal)?.text ?? ''),
  }
}

/** What two stretches of the log say together, the later one second. Lists keep their beginnings, which tell the cause. */
export function mergeIndicators(earlier: LogIndicators, later: LogIndicators): LogIndicators {
  return {
    panics: bound([...earlier.panics, ...later.panics]),
    outOfSpace: earlier.outOfSpace || later.outOfSpace,
    quotaExceeded: earlier.quotaExceeded || later.quotaExceeded,
    ioError: earlier.ioError || later.ioError,
    outOfMemory: earlier.outOfMemory || later.outOfMemory,
    slotsRefused: earlier.slotsRefused || later.slotsRefused,
    configurationErrors: bound([...earlier.configurationErrors, ...later.configurationErrors]),
    shutdownRequested: earlier.shutdownRequested || later.shutdownRequested,
    backendCrashed: earlier.backendCrashed || later.backendCrashed,
    damages: withoutRepeats([...earlier.damages, ...later.damages]),
    lastFatal: later.lastFatal || earlier.lastFatal,
  }
}

/** Whether the log tells of something that a watch should look at before its next tick is due. */
export function seemsUrgent(said: LogIndicators): boolean {
  const { panics, damages, outOfSpace, quotaExceeded, ioError, shutdownRequested, backendCrashed } = said
  return panics.length > 0 || damages.length > 0 || outOfSpace || quotaExceeded || ioError || shutdownRequested || backendCrashed
}

/** A client's own `SET` fails as ERROR; the server's configuration as LOG, then FATAL. */
function isConfigurationError(message: AttributedMessage): boolean {
  return (isOwnLog(message) || message.severity === 'FATAL') && CONFIGURATION.test(message.text)
}

function isOwnLog({ severity, bySession }: AttributedMessage): boolean {
  return severity === 'LOG' && !bySession
}

function isGrave({ severity }: AttributedMessage): boolean {
  return severity === 'PANIC' || severity === 'FATAL'
}

function isFatal(message: AttributedMessage): boolean {
  return isGrave(message) && !isClientRefusal(message)
}

function bound(sentences: readonly string[]): readonly string[] {
  return [...new Set(sentences.map(cut))].slice(0, MOST_SENTENCES)
}

function cut(sentence: string): string {
  return sentence.slice(0, LONGEST_SENTENCE)
}

function withoutRepeats(damages: readonly Damage[]): readonly Damage[] {
  const byPlace = new Map<string, Damage>()
  for (const damage of damages) {
    const place = `${damage.kind} ${damage.relationPath} ${damage.block}`
    if (!byPlace.has(place) || damage.proved === true) byPlace.set(place, damage)
  }
  return [...byPlace.values()].slice(0, MOST_DAMAGES)
}
