import type { Cluster } from '../../core/cluster.ts'
import type { Room } from '../../core/disk/room.ts'
import type { SafeFile } from '../../core/disk/safe-list.ts'
import type { Outside } from '../../ports/outside.ts'
import { lookAtRooms, readSegmentBytes } from './rooms.ts'
import { listSafeFiles } from './safe-files.ts'

/** Looks at the room of one cluster, for whoever has to act on it. Every look rejects with `OutsideError`. */
export interface SpaceSurvey {
  rooms(): Promise<readonly Room[]>
  safeFiles(): Promise<readonly SafeFile[]>
}

/** `settings` is asked at each look, so that a reload counts. */
export function createSpaceSurvey(cluster: Cluster, outside: Outside, settings: () => { readonly logAgeMs: number }): SpaceSurvey {
  const { files, clock } = outside
  return {
    rooms: async () => lookAtRooms(cluster, files, await readSegmentBytes(cluster, files)),
    safeFiles: () => listSafeFiles({ cluster, files, nowWallMs: clock.wallMs(), logAgeMs: settings().logAgeMs }),
  }
}
