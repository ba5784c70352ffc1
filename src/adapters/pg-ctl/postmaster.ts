import type { Processes, ProcessStatus } from '../../ports/processes.ts'

/**
 * The postmaster that serves `directory`, found by executable and working directory, never by the pid file: that file
 * may name a stranger. Children title themselves "postgres: …", and one that has not done so yet has the postmaster as its
 * parent. A single-user server is not a postmaster.
 */
export function findPostmaster(processes: Processes, directory: string): ProcessStatus | undefined {
  const all = processes.postgresIn(directory)
  const pids = new Set(all.map((process) => process.pid))
  const isPostmaster = (process: ProcessStatus) =>
    !process.commandLine.startsWith('postgres: ') && !pids.has(process.parentPid) && !/\s--single\b/.test(process.commandLine)
  return all.find(isPostmaster)
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
