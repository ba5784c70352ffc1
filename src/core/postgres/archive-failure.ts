import { parseServerLine } from './log-line.ts'

/** The last time that the log tells of a failed archive command. */
export interface ArchiveFailure {
  /** "archive command failed with exit code 1" */
  readonly why: string
  /** As the server ran it; empty when the log does not tell. */
  readonly command: string
}

const FAILED = /^archive command (?:failed with exit code \d+|was terminated by signal (?!3\b|15\b).*|exited with unrecognized status \d+)/
const COMMAND = /The failed archive command was: (.*)$/
const DETAIL_WITHIN_LINES = 3
const LONGEST_COMMAND = 300

/** Finds it in lines of the server's log; `undefined` when there is none. */
export function readArchiveFailure(lines: readonly string[]): ArchiveFailure | undefined {
  const at = lines.findLastIndex((line) => FAILED.test(parseServerLine(line)?.text ?? ''))
  if (at === -1) return undefined
  const why = FAILED.exec(parseServerLine(lines[at] ?? '')?.text ?? '')?.[0] ?? ''
  const detail = lines.slice(at, at + DETAIL_WITHIN_LINES).find((line) => COMMAND.test(line))
  return { why, command: (COMMAND.exec(detail ?? '')?.[1] ?? '').slice(0, LONGEST_COMMAND) }
}
