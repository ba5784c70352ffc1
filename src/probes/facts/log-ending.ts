import type { Cluster } from '../../core/cluster.ts'
import type { LogEnding } from '../../core/facts.ts'
import { readLogEnding } from '../../core/postgres/log-ending.ts'
import type { Files } from '../../ports/files.ts'
import { currentLogFile } from './current-log-file.ts'

/** More than what a fast stop says of a thousand sessions that it ends. */
const TAIL_BYTES = 256 * 1024

/** How the server's log ends, read now. Rejects with `OutsideError` when it may not be read. */
export async function lookAtLogEnding(cluster: Cluster, files: Files): Promise<LogEnding> {
  const path = await currentLogFile(cluster, files)
  const tail = path === '' ? undefined : await files.readTail(path, TAIL_BYTES)
  return tail === undefined ? 'unknown' : readLogEnding(tail.split('\n'))
}
