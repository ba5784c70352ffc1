import type { Damage, LogIndicators } from '../facts.ts'
import { readDamage } from './damage.ts'
import { parseServerLine } from './log-line.ts'
import type { ServerMessage } from './log-line.ts'

const MOST_SENTENCES = 10
const MOST_DAMAGES = 100
const LONGEST_SENTENCE = 500

/** A log that says nothing. */
export const NO_INDICATORS: LogIndicators = {
  panics: [],
  outOfSpace: false,
  ioError: false,
  outOfMemory: false,
  configurationErrors: [],
  shutdownRequested: false,
  backendCrashed: false,
  damages: [],
  lastFatal: '',
}

const OUT_OF_SPACE = /^could not .*: (?:No space left on device|Disk quota exceeded)$/
const IO_ERROR = /^could not .*: (?:Input\/output error|Structure needs cleaning|Read-only file system)$|^could not (?:fsync|flush)/
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

/** Refusals of single clients: they say nothing about why a server is down. */
const CLIENT_REFUSAL = anyOf(
  /^the database system is /,
  /authentication failed/,
  /^canceling authentication/,
  /^no pg_hba\.conf entry/,
  /^pg_hba\.conf rejects/,
  /^(?:role|database) ".*" (?:does not exist|is not permitted)/,
  /^terminating /,
  /^remaining connection slots/,
  /^sorry, too many clients/,
  /^too many connections/,
  /^connection to client lost/,
  /^unsupported frontend protocol/,
)

/** What lines of the server's log say together. Works with any `log_line_prefix`, `csvlog` and `jsonlog`; messages in English. */
export function readIndicators(lines: readonly string[]): LogIndicators {
  const messages = lines.flatMap((line) => parseServerLine(line) ?? [])
  const says = (pattern: RegExp): boolean => messages.some(({ text }) => pattern.test(text))
  return {
    panics: bound(messages.filter(({ severity }) => severity === 'PANIC').map(({ text }) => text)),
    outOfSpace: says(OUT_OF_SPACE),
    ioError: messages.some(({ text }) => IO_ERROR.test(text) && !OUT_OF_SPACE.test(text)),
    outOfMemory: says(OUT_OF_MEMORY),
    configurationErrors: bound(messages.filter(isConfigurationError).map(({ text }) => text)),
    shutdownRequested: says(SHUTDOWN_REQUEST),
    backendCrashed: says(CRASH),
    damages: withoutRepeats(messages.flatMap(({ text }) => readDamage(cut(text)) ?? [])),
    lastFatal: cut(messages.findLast(isFatal)?.text ?? ''),
  }
}

/** What two stretches of the log say together, the later one second. Lists keep their beginnings, which tell the cause. */
export function mergeIndicators(earlier: LogIndicators, later: LogIndicators): LogIndicators {
  return {
    panics: bound([...earlier.panics, ...later.panics]),
    outOfSpace: earlier.outOfSpace || later.outOfSpace,
    ioError: earlier.ioError || later.ioError,
    outOfMemory: earlier.outOfMemory || later.outOfMemory,
    configurationErrors: bound([...earlier.configurationErrors, ...later.configurationErrors]),
    shutdownRequested: earlier.shutdownRequested || later.shutdownRequested,
    backendCrashed: earlier.backendCrashed || later.backendCrashed,
    damages: withoutRepeats([...earlier.damages, ...later.damages]),
    lastFatal: later.lastFatal || earlier.lastFatal,
  }
}

/** Whether the log tells of something that a watch should look at before its next tick is due. */
export function seemsUrgent(said: LogIndicators): boolean {
  const { panics, damages, outOfSpace, ioError, shutdownRequested, backendCrashed } = said
  return panics.length > 0 || damages.length > 0 || outOfSpace || ioError || shutdownRequested || backendCrashed
}

/** A client's own `SET` fails as ERROR; the server's configuration as LOG, then FATAL. */
function isConfigurationError({ severity, text }: ServerMessage): boolean {
  return (severity === 'LOG' || severity === 'FATAL') && CONFIGURATION.test(text)
}

function isFatal({ severity, text }: ServerMessage): boolean {
  return severity === 'PANIC' || (severity === 'FATAL' && !CLIENT_REFUSAL.test(text))
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
    if (!byPlace.has(place)) byPlace.set(place, damage)
  }
  return [...byPlace.values()].slice(0, MOST_DAMAGES)
}

function anyOf(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join('|'))
}
