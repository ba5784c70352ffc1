import type { Cluster } from '../../core/cluster.ts'
import type { Room } from '../../core/disk/room.ts'
import type { SpaceHolder } from '../../core/disk/holder.ts'
import type { SafeFile } from '../../core/disk/safe-list.ts'
import type { Outside } from '../../ports/outside.ts'
import { findHolders } from './find-holders.ts'
import { createGrowthMemory } from './growth-memory.ts'
import { sampleSizes } from './sample-sizes.ts'
import { lookAtRooms, readSegmentBytes } from './rooms.ts'
import { listSafeFiles } from './safe-files.ts'

/** Looks at the room of one cluster, for whoever has to act on it. */
export interface SpaceSurvey {
  /** Rejects with `OutsideError`. */
  rooms(): Promise<readonly Room[]>
  /** Rejects with `OutsideError`. */
  safeFiles(): Promise<readonly SafeFile[]>
  /** Who holds the space on these file systems, or on all; takes up to 6 s, never rejects. */
  holders(devices: ReadonlySet<number> | undefined, signal: AbortSignal): Promise<readonly SpaceHolder[]>
  /** Looks how large the databases are, for what has grown to be told later; never rejects. */
  sampleSizes(signal: AbortSignal): Promise<void>
}

/** `settings` is asked at each look, so that a reload counts. */
export function createSpaceSurvey(cluster: Cluster, outside: Outside, settings: () => { readonly logAgeMs: number }): SpaceSurvey {
  const { files, clock } = outside
  const growth = createGrowthMemory()
  return {
    rooms: async () => lookAtRooms(cluster, files, await readSegmentBytes(cluster, files)),
    safeFiles: () => listSafeFiles({ cluster, files, nowWallMs: clock.wallMs(), logAgeMs: settings().logAgeMs }),
    holders: (devices, signal) => findHolders({ cluster, outside, growth, ...(devices === undefined ? {} : { devices }) }, signal),
    sampleSizes: (signal) => sampleSizes(outside, growth, signal),
  }
}
