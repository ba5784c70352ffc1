import { statSync } from 'node:fs'
import { basename } from 'node:path'
import type { Processes, ProcessStatus } from '../../ports/processes.ts'
import {
  executableOf,
  glance,
  inspect,
  isDead,
  kernelStack,
  listPids,
  readIfAllowed,
  unlessRefused,
  workingDirectoryOf,
} from './inspect.ts'
import { hasSegment, parseAttachments, parseStat } from './stat.ts'
import { using } from './using.ts'

/** The processes of this host. What `/proc` does not show to this user is not there for it. */
export function createProcesses(): Processes {
  return {
    inspect,
    glance,
    postgresIn,
    find: (matches) => inspectAlive(listPids()).filter(matches),
    using,
    kernelStack,
    sharedMemoryAttachments: (id, key) => parseAttachments(readIfAllowed('/proc/sysvipc/shm') ?? '', id, key),
    hasSharedMemory: (id, key) => hasSegment(readIfAllowed('/proc/sysvipc/shm') ?? '', id, key),
    signal: ({ pid, startTimeTicks }, signal) => isSame(pid, startTimeTicks) && unlessRefused(() => process.kill(pid, signal)) === true,
  }
}

/** The cheap questions come first: most processes of a host are not PostgreSQL's. */
function postgresIn(directory: string): readonly ProcessStatus[] {
  const wanted = unlessRefused(() => statSync(directory))
  if (wanted === undefined) return []
  const pids = listPids().filter((pid) => {
    if (basename(executableOf(pid) ?? '') !== 'postgres') return false
    const at = workingDirectoryOf(pid)
    return at?.device === wanted.dev && at.inode === wanted.ino
  })
  return inspectAlive(pids)
}

function inspectAlive(pids: readonly number[]): ProcessStatus[] {
  return pids.flatMap((pid) => inspect(pid) ?? []).filter((process) => !isDead(process.state))
}

/** A negative number or 0 would address a whole group. */
function isSame(pid: number, startTimeTicks: number): boolean {
  const stat = pid > 0 ? parseStat(readIfAllowed(`/proc/${pid}/stat`) ?? '') : undefined
  return stat !== undefined && stat.startTimeTicks === startTimeTicks && !isDead(stat.state)
}
