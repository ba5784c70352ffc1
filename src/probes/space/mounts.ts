import { parseMountInfo } from '../../core/linux/mount-info.ts'
import type { Mount } from '../../core/linux/mount-info.ts'
import type { Files } from '../../ports/files.ts'

const MOST_BYTES = 1 << 20

/** The mounts that pgwatchd sees; none where they cannot be read. */
export async function readMounts(files: Files): Promise<readonly Mount[]> {
  return parseMountInfo((await files.readText('/proc/self/mountinfo', { maxBytes: MOST_BYTES })) ?? '')
}
