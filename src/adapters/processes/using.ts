import { realpathSync } from 'node:fs'
import { basename } from 'node:path'
import type { ProcessStatus } from '../../ports/processes.ts'
import { executableOf, inspect, isDead, listPids, openPathsOf, readIfAllowed, unlessRefused, workingDirectoryOf } from './inspect.ts'
import { parseStat } from './stat.ts'

/** Deeper than any chain of parents; ends the walk should numbers be reused while it goes on. */
const LONGEST_ANCESTRY = 64

/**
 * Live processes at work below `directory`. What PostgreSQL started itself (an archive command) and what pgwatchd
 * started is their own work, not somebody else's.
 */
export function using(directory: string): readonly ProcessStatus[] {
  const root = unlessRefused(() => realpathSync(directory))
  if (root === undefined) return []
  const pids = listPids().filter((pid) => worksBelow(pid, root) && !isOwnWork(pid))
  return pids.flatMap((pid) => inspect(pid) ?? []).filter((process) => !isDead(process.state))
}

function worksBelow(pid: number, root: string): boolean {
  const isBelow = (path: string): boolean => path === root || path.startsWith(`${root}/`)
  return isBelow(workingDirectoryOf(pid)?.path ?? '') || openPathsOf(pid).some(isBelow)
}

function isOwnWork(pid: number): boolean {
  let current = pid
  for (let depth = 0; depth < LONGEST_ANCESTRY && current > 1; depth += 1) {
    if (current === process.pid || basename(executableOf(current) ?? '') === 'postgres') return true
    current = parseStat(readIfAllowed(`/proc/${current}/stat`) ?? '')?.parentPid ?? 0
  }
  return false
}
