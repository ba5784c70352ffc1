import { findLeader, isSingleUser } from '../../core/postgres/leader.ts'
import type { Processes, ProcessStatus } from '../../ports/processes.ts'

/** The postmaster that serves `directory`, found by executable and working directory. A single-user server is not one. */
export function findPostmaster(processes: Processes, directory: string): ProcessStatus | undefined {
  const leader = findLeader(processes.postgresIn(directory))
  return leader === undefined || isSingleUser(leader) ? undefined : leader
}

/** Remembers the postmaster that was found, so that a healthy look reads one process instead of all. */
export function createPostmasterFinder(processes: Processes, directory: string): () => ProcessStatus | undefined {
  let last: ProcessStatus | undefined
  return () => {
    last = (last && stillThere(processes, last)) ?? findPostmaster(processes, directory)
    return last
  }
}

function stillThere(processes: Processes, known: ProcessStatus): ProcessStatus | undefined {
  const now = processes.glance(known.pid)
  const same = now !== undefined && now.startTimeTicks === known.startTimeTicks
  return same && now.state !== 'Z' && now.state !== 'X' ? { ...known, state: now.state } : undefined
}
