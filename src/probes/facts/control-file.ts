import type { Cluster } from '../../core/cluster.ts'
import { CONTROL_FILE_BYTES, parseControlFile } from '../../core/postgres/control-file.ts'
import type { ControlFileReading } from '../../core/postgres/control-file.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Files } from '../../ports/files.ts'

/** The server rewrites the file while it is read: a checksum that is wrong twice is wrong. */
const SECOND_LOOK_MS = 20

/** What pg_control says; `undefined` when it is missing. Rejects with `OutsideError` when it may not be read. */
export async function readControlFile(
  cluster: Cluster,
  ports: { readonly files: Files; readonly clock: Clock },
): Promise<ControlFileReading | undefined> {
  const first = await readOnce(cluster, ports.files)
  if (first === undefined || first.ok || first.problem === 'unsupported') return first
  await ports.clock.sleep(SECOND_LOOK_MS)
  return readOnce(cluster, ports.files)
}

async function readOnce(cluster: Cluster, files: Files): Promise<ControlFileReading | undefined> {
  const bytes = await files.read(`${cluster.dataDirectory}/global/pg_control`, { maxBytes: CONTROL_FILE_BYTES })
  return bytes && parseControlFile(bytes)
}
