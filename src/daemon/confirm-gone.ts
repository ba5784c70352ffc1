import { findLeader } from '../core/postgres/leader.ts'
import type { Outside } from '../ports/outside.ts'

const LOOKS = 3
const GAP_MS = 5

/** Three looks in a row find no postmaster of this data directory, and no single-user server. */
export async function confirmGone({ clock, processes }: Pick<Outside, 'clock' | 'processes'>, dataDirectory: string): Promise<boolean> {
  for (let look = 1; look <= LOOKS; look += 1) {
    if (findLeader(processes.postgresIn(dataDirectory)) !== undefined) return false
    if (look < LOOKS) await clock.sleep(GAP_MS)
  }
  return true
}
