import { posix } from 'node:path'
import { ballastPath } from '../core/safe-list.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { Watch } from './watch.ts'

/** A file of this share of the configured size counts as laid: file systems round. */
const LAID_RATIO = 0.99

/**
 * Keeps the configured ballast in place: real blocks beside the data directory, and beside `pg_wal` where that is another
 * volume. It is laid while the cluster is healthy and the volume stays below its warning limit with it; a ballast that is
 * no longer configured is removed.
 */
export async function tendBallast(watch: Watch): Promise<void> {
  if (watch.state.mode !== 'healthy') return
  try {
    for (const path of await placesOf(watch)) await tend(watch, path)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    say(watch, 'warning', error.object, `the ballast could not be laid: ${error.message}`)
  }
}

async function placesOf({ cluster, outside }: Watch): Promise<readonly string[]> {
  const wal = await outside.files.resolve(`${cluster.dataDirectory}/pg_wal`)
  const beside = ballastPath(cluster)
  if (wal === undefined) return [beside]
  const [data, walVolume] = await Promise.all([outside.files.volume(cluster.dataDirectory), outside.files.volume(wal)])
  return data.device === walVolume.device ? [beside] : [beside, ballastPath(cluster, posix.dirname(wal))]
}

async function tend(watch: Watch, path: string): Promise<void> {
  const { files } = watch.outside
  const wantedBytes = watch.settings.recovery.disk.ballastBytes
  const present = await files.status(path)
  if (present !== undefined && (present.kind !== 'file' || isLaid(present.allocatedBytes, wantedBytes))) return
  if (present !== undefined) await files.remove(path)
  if (wantedBytes === 0 || !(await fits(watch, path, wantedBytes)) || !(await isUseful(watch, path))) return
  await files.allocate(path, wantedBytes, 0o600, watch.abort)
  say(watch, 'notice', path, `laid a ballast of ${wantedBytes} bytes in ${path}`)
}

function isLaid(allocatedBytes: number, wantedBytes: number): boolean {
  return wantedBytes > 0 && allocatedBytes >= wantedBytes * LAID_RATIO && allocatedBytes <= wantedBytes * (2 - LAID_RATIO)
}

/** A data directory that is a mount point has its parent on another file system, and room there does not help. */
async function isUseful(watch: Watch, path: string): Promise<boolean> {
  const { files } = watch.outside
  const [place, data, wal] = await Promise.all(
    [posix.dirname(path), watch.cluster.dataDirectory, `${watch.cluster.dataDirectory}/pg_wal`].map((each) => files.volume(each)),
  )
  if (place?.device === data?.device || place?.device === wal?.device) return true
  say(watch, 'warning', path, `no ballast is laid: ${posix.dirname(path)} is on another file system than the cluster`)
  return false
}

async function fits(watch: Watch, path: string, bytes: number): Promise<boolean> {
  const { totalBytes, availableBytes } = await watch.outside.files.volume(posix.dirname(path))
  return totalBytes - availableBytes + bytes < totalBytes * watch.settings.probes.disk.warnRatio
}

/** Once, not at every look. */
function say(watch: Watch, level: 'notice' | 'warning', path: string, sentence: string): void {
  if (watch.ballastSaid === sentence) return
  watch.ballastSaid = sentence
  watch.outside.log.write({
    level,
    event: 'ballast',
    message: `${watch.cluster.name}: ${sentence}`,
    cluster: watch.cluster.name,
    fields: { path },
  })
}
