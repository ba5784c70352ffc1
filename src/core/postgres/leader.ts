/** What of a process tells its place in the family. */
interface Member {
  readonly pid: number
  readonly parentPid: number
  readonly commandLine: string
}

/**
 * The parent of all of a cluster's live processes, found without its lock file, which may be gone or name a stranger: the
 * postmaster, or a single-user server. Children title themselves "postgres: …"; one that has not done so yet has the postmaster
 * as its parent. A process that is ending has lost its command line, and leads nobody. `undefined` when none or only orphans live.
 */
export function findLeader<Process extends Member>(processes: readonly Process[]): Process | undefined {
  const pids = new Set(processes.map(({ pid }) => pid))
  return processes.find(({ commandLine, parentPid }) => commandLine !== '' && !commandLine.startsWith('postgres: ') && !pids.has(parentPid))
}

/** Whether a leader is a single-user server, which serves nobody and is not to be disturbed. */
export function isSingleUser({ commandLine }: Pick<Member, 'commandLine'>): boolean {
  return /\s--single\b/.test(commandLine)
}
