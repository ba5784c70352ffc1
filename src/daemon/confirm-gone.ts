import type { Outside } from '../ports/outside.ts'

const LOOKS = 3
const GAP_MS = 5

/** Three looks in a row find no postmaster of this data directory. */
export async function confirmGone({ clock, processes }: Pick<Outside, 'clock' | 'processes'>, dataDirectory: string): Promise<boolean> {
  for (let look = 1; look <= LOOKS; look += 1) {
    if (hasPostmaster(processes, dataDirectory)) return false
    if (look < LOOKS) await clock.sleep(GAP_MS)
  }
  return true
}

/** A postmaster is the one server process whose parent is not itself a process of this cluster. */
function hasPostmaster(processes: Outside['processes'], dataDirectory: string): boolean {
  const all = processes.postgresIn(dataDirectory)
  const pids = new Set(all.map((process) => process.pid))
  return all.some((process) => !pids.has(process.parentPid) && !/^postgres: /u.test(process.commandLine))
}
