import { posix } from 'node:path'
import { OutsideError } from '../ports/outside-error.ts'
import { findBallastPlaces } from '../probes/space/ballast-places.ts'
import type { BallastPlace } from '../probes/space/ballast-places.ts'
import type { RecoverySettings } from '../recovery/step.ts'
import type { Watch } from './watch.ts'

/** A file of this share of the configured size counts as laid: file systems round. */
const LAID_RATIO = 0.99

/** So long, ballasts that are as they were left are taken to lie on the right file systems: mounts and tablespaces come and go rarely. */
const TRUSTED_MS = 600_000

const SIZES: Readonly<Record<BallastPlace['role'], (disk: RecoverySettings['disk']) => number>> = {
  data: ({ ballastBytes }) => ballastBytes,
  wal: ({ walBallastBytes, ballastBytes }) => walBallastBytes || ballastBytes,
  tablespace: ({ tablespaceBallastBytes, ballastBytes }) => tablespaceBallastBytes || ballastBytes,
}

/**
 * Keeps the configured ballast in place: real blocks on each file system of the data directory, of `pg_wal` and of the
 * tablespaces. It is laid while the cluster is healthy and the file system stays below its warning limit with it; a ballast that
 * is no longer configured is removed.
 */
export async function tendBallast(watch: Watch): Promise<void> {
  if (watch.state.mode !== 'healthy') return
  try {
    if (await isAsLeft(watch)) return
    watch.ballastLeft = undefined
    const places = await findBallastPlaces(watch.cluster, watch.outside.files)
    let isComplete = true
    for (const place of places) isComplete = (await tend(watch, place)) && isComplete
    if (isComplete) await remember(watch, places)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    say(watch, 'warning', error.object, `the ballast could not be tended: ${error.message}`)
  }
}

/** Whether everything is as the last round left it: one question to each file. */
async function isAsLeft({ ballastLeft, settings, outside }: Watch): Promise<boolean> {
  if (ballastLeft === undefined || ballastLeft.wanted !== settings.recovery.disk) return false
  if (outside.clock.monotonicMs() - ballastLeft.monotonicMs >= TRUSTED_MS) return false
  for (const [path, bytes] of ballastLeft.bytes) if ((await outside.files.status(path))?.allocatedBytes !== bytes) return false
  return true
}

async function remember(watch: Watch, places: readonly BallastPlace[]): Promise<void> {
  const { files, clock } = watch.outside
  const bytes = new Map<string, number | undefined>()
  for (const path of places.flatMap(({ paths }) => paths)) bytes.set(path, (await files.status(path))?.allocatedBytes)
  watch.ballastLeft = { monotonicMs: clock.monotonicMs(), wanted: watch.settings.recovery.disk, bytes }
}

/** Whether it is then as it is wanted. */
async function tend(watch: Watch, { role, paths }: BallastPlace): Promise<boolean> {
  const wantedBytes = SIZES[role](watch.settings.recovery.disk)
  let isThere = false
  for (const path of paths) isThere = (await keep(watch, path, isThere ? 0 : wantedBytes)) || isThere
  if (isThere || wantedBytes === 0) return true
  return (await fits(watch, paths[0], wantedBytes)) && (await lay(watch, paths, wantedBytes))
}

/** Whether one of that size lies there; one of another size is removed. */
async function keep({ outside: { files } }: Watch, path: string, wantedBytes: number): Promise<boolean> {
  const present = await files.status(path)
  if (present?.kind !== 'file') return false
  if (isLaid(present.allocatedBytes, wantedBytes)) return true
  await files.remove(path)
  return false
}

function isLaid(allocatedBytes: number, wantedBytes: number): boolean {
  return wantedBytes > 0 && allocatedBytes >= wantedBytes * LAID_RATIO && allocatedBytes <= wantedBytes * (2 - LAID_RATIO)
}

async function fits(watch: Watch, path: string | undefined, bytes: number): Promise<boolean> {
  if (path === undefined) return false
  const { totalBytes, availableBytes } = await watch.outside.files.volume(posix.dirname(path))
  const isBelow = totalBytes - availableBytes + bytes < totalBytes * watch.settings.probes.disk.warnRatio
  if (!isBelow)
    say(watch, 'info', path, `no ballast of ${bytes} bytes is laid in ${path}: the file system would reach its warning limit with it`)
  return isBelow
}

/** At the first place where it can be: the directory beside a mount point is often another user's. False when at none. */
async function lay(watch: Watch, paths: readonly string[], bytes: number): Promise<boolean> {
  for (const [index, path] of paths.entries()) {
    try {
      await watch.outside.files.allocate(path, bytes, 0o600, watch.abort)
      say(watch, 'notice', path, `laid a ballast of ${bytes} bytes in ${path}`)
      return true
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      if (index === paths.length - 1) say(watch, 'warning', path, `the ballast could not be laid: ${error.message}`)
    }
  }
  return false
}

/** Once, not at every look. */
function say(watch: Watch, level: 'info' | 'notice' | 'warning', path: string, sentence: string): void {
  if (watch.ballastSaid.get(path) === sentence) return
  watch.ballastSaid.set(path, sentence)
  watch.outside.log.write({
    level,
    event: 'ballast',
    message: `${watch.cluster.name}: ${sentence}`,
    cluster: watch.cluster.name,
    fields: { path },
  })
}
