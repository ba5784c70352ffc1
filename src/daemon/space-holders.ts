import { isShort } from '../core/disk/room.ts'
import type { SpaceHolder } from '../core/disk/holder.ts'
import { toRoom } from '../probes/space/rooms.ts'
import { usedRatios } from '../probes/volumes.ts'
import type { Watch } from './watch.ts'

/** To look takes seconds, and asks the server about each file of its databases. */
const KEPT_FOR_MS = 600_000
/** Sizes of the databases while all is well: so that what has grown can be told on the day when it matters. */
const CALM_SAMPLES_MS = 6 * 3_600_000
const WARNED_SAMPLES_MS = 900_000

/** Who holds the space on the file systems that are in trouble; nobody where that is not the matter. Never rejects. */
export async function holdersFor(watch: Watch, isMatter: boolean): Promise<readonly SpaceHolder[] | undefined> {
  if (!isMatter) return undefined
  const of = watch.state.incidentId ?? 'warning'
  const nowMs = watch.outside.clock.monotonicMs()
  const { holders: kept } = watch
  if (kept?.of === of && nowMs - kept.atMonotonicMs < KEPT_FOR_MS) return kept.holders
  const holders = await watch.space.holders(findTroubled(watch), watch.abort)
  watch.holders = { of, atMonotonicMs: watch.outside.clock.monotonicMs(), holders }
  return holders
}

/** The file systems that are beyond their warning limit, short, or soon full; `undefined`, and so all of them, when none is known to be. */
function findTroubled({ probeMemory, settings, foretold }: Watch): ReadonlySet<number> | undefined {
  const { volumes = [], segmentBytes } = probeMemory.volumes ?? {}
  const troubled = volumes.filter(({ roles, path, use }) => {
    const { bytes, inodes } = usedRatios(use)
    return Math.max(bytes, inodes) >= settings.probes.disk.warnRatio || isShort(toRoom(roles, path, use, segmentBytes))
  })
  const devices = new Set([...troubled.map(({ use }) => use.device), ...foretold.devices])
  return devices.size === 0 ? undefined : devices
}

/** Looks at the sizes of the databases, rarely while all is well. Never rejects. */
export async function sampleSizesIfDue(watch: Watch): Promise<void> {
  const everyMs = [...watch.warnings.keys()].some((key) => key.startsWith('disk:')) ? WARNED_SAMPLES_MS : CALM_SAMPLES_MS
  const nowMs = watch.outside.clock.monotonicMs()
  const isDue = watch.sizesAtMonotonicMs === undefined || nowMs - watch.sizesAtMonotonicMs >= everyMs
  if (!isDue || watch.state.mode !== 'healthy') return
  watch.sizesAtMonotonicMs = nowMs
  await watch.space.sampleSizes(watch.abort)
}
