import type { Cluster } from '../../core/cluster.ts'
import { readCurrentLogFile } from '../../core/postgres/current-log-file.ts'
import type { Files } from '../../ports/files.ts'
import { createServerLog } from './server-log.ts'
import type { ServerLog } from './server-log.ts'

const CURRENT_LOGFILES_BYTES = 8192

/**
 * The file that the server logs to now: the logging collector makes a new one at each start, and by time and size. Empty when
 * none is known. Rejects with `OutsideError`.
 */
export async function currentLogFile(cluster: Pick<Cluster, 'dataDirectory' | 'logFile' | 'collectsLog'>, files: Files): Promise<string> {
  if (cluster.collectsLog !== true) return cluster.logFile
  const text = await files.readText(`${cluster.dataDirectory}/current_logfiles`, { maxBytes: CURRENT_LOGFILES_BYTES })
  return readCurrentLogFile(text ?? '', cluster.dataDirectory) ?? cluster.logFile
}

/** Follows the log of a cluster, from file to file where the logging collector writes it. */
export function followServerLog(cluster: Cluster, files: Files): ServerLog {
  const path = cluster.logFile
  return createServerLog(cluster.collectsLog === true ? { files, path, findPath: () => currentLogFile(cluster, files) } : { files, path })
}
