import type { LogIndicators } from '../../core/facts.ts'
import { describeFault, readConfigurationFaults } from '../../core/postgres/configuration-fault.ts'
import { readIndicators } from '../../core/postgres/log-indicators.ts'
import type { ServerContext } from '../step.ts'

const AT_MOST_BYTES = 256 * 1024

/** Where the server's log ends now, in bytes; 0 when it is unknown. */
export async function logEnd(context: ServerContext): Promise<number> {
  if (context.cluster.logFile === '') return 0
  return (await context.outside.files.status(context.cluster.logFile))?.sizeBytes ?? 0
}

/** What the server logged since `offset` means; at most the last 256 KiB are read. */
export async function readLogSince(context: ServerContext, offset: number): Promise<LogIndicators> {
  return readIndicators((await readTextSince(context, offset)).split('\n'))
}

/** Mistakes in configuration files that the server named since `offset`, each with its file and line. */
export async function readFaultsSince(context: ServerContext, offset: number): Promise<readonly string[]> {
  return readConfigurationFaults((await readTextSince(context, offset)).split('\n')).map(describeFault)
}

/** A log that is shorter than before was rotated, and is read from its beginning. */
async function readTextSince(context: ServerContext, offset: number): Promise<string> {
  const sizeBytes = await logEnd(context)
  const from = sizeBytes < offset ? 0 : offset
  if (sizeBytes === from) return ''
  const start = Math.max(from, sizeBytes - AT_MOST_BYTES)
  return (await context.outside.files.readText(context.cluster.logFile, { maxBytes: AT_MOST_BYTES, offset: start })) ?? ''
}
