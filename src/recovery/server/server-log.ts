import type { StepContext } from '../step.ts'

const AT_MOST_BYTES = 256 * 1024
const GRAVE = /\b(?:FATAL|PANIC): .*/g
const PANIC = /\bPANIC: .*/g

/** Where the server's log ends now, in bytes; 0 when it is unknown. */
export async function logEnd(context: StepContext): Promise<number> {
  if (context.cluster.logFile === '') return 0
  return (await context.outside.files.status(context.cluster.logFile))?.sizeBytes ?? 0
}

/** What the server logged since `offset`, at most the last 256 KiB; empty when the log is unknown. */
export async function readLogSince(context: StepContext, offset: number): Promise<string> {
  const sizeBytes = await logEnd(context)
  const from = sizeBytes < offset ? 0 : offset
  if (sizeBytes === from) return ''
  const start = Math.max(from, sizeBytes - AT_MOST_BYTES)
  return (await context.outside.files.readText(context.cluster.logFile, { maxBytes: AT_MOST_BYTES, offset: start })) ?? ''
}

/** The last FATAL or PANIC message that is not a refused client; empty when there is none. */
export function lastGraveLine(log: string): string {
  const grave = (log.match(GRAVE) ?? []).filter((line) => !/the database system is|terminating connection/.test(line))
  return grave.at(-1)?.trim() ?? ''
}

/** Every PANIC message. */
export function panicLines(log: string): readonly string[] {
  return log.match(PANIC) ?? []
}
