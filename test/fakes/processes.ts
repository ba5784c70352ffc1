import { basename } from 'node:path'
import type { Processes, ProcessSignal, ProcessStatus } from '../../src/ports/processes.ts'

export interface FakeProcesses extends Processes {
  /** Adds a process, or replaces the one with that pid; fields that are not given are those of a sleeping, innocent program. */
  put(process: Partial<ProcessStatus> & { readonly pid: number }): ProcessStatus
  /** Adds a process whose executable is `postgres` and whose working directory is `directory`. */
  putPostgres(directory: string, process: Partial<ProcessStatus> & { readonly pid: number }): ProcessStatus
  /** Ends a process: it is gone. */
  end(pid: number): void
  /** Signals sent so far. */
  readonly signals: { readonly pid: number; readonly signal: ProcessSignal }[]
  /** Called after each signal; the default ends the process at SIGKILL. */
  onSignal: (process: ProcessStatus, signal: ProcessSignal) => void
  /** Attached processes by id of a System V segment; a pair is processes and key. */
  readonly sharedMemory: Map<number, number | readonly [attachments: number, key: number]>
  /** Pids that `using` reports, by directory. */
  readonly users: Map<string, readonly number[]>
}

const DEAD = ['Z', 'X']

/** A process table that changes only by hand. */
export function createFakeProcesses(): FakeProcesses {
  const table = new Map<number, ProcessStatus>()
  const alive = (): ProcessStatus[] => [...table.values()].filter((process) => !DEAD.includes(process.state))

  const fake: FakeProcesses = {
    signals: [],
    sharedMemory: new Map(),
    users: new Map(),
    onSignal: (process, signal) => {
      if (signal === 'SIGKILL') fake.end(process.pid)
    },
    put: (process) => {
      const whole = { ...innocent(process.pid), ...process }
      table.set(process.pid, whole)
      return whole
    },
    putPostgres: (directory, process) =>
      fake.put({
        executable: '/usr/lib/postgresql/15/bin/postgres',
        commandLine: `/usr/lib/postgresql/15/bin/postgres -D ${directory}`,
        workingDirectory: { device: 1, inode: directoryNumber(directory), path: directory },
        ...process,
      }),
    end: (pid) => void table.delete(pid),
    inspect: (pid) => table.get(pid),
    glance: (pid) => table.get(pid),
    postgresIn: (directory) =>
      alive().filter((process) => basename(process.executable ?? '') === 'postgres' && process.workingDirectory?.path === directory),
    find: (matches) => alive().filter(matches),
    using: (directory) => (fake.users.get(directory) ?? []).flatMap((pid) => table.get(pid) ?? []),
    kernelStack: () => [],
    sharedMemoryAttachments: (id, key) => {
      const segment = fake.sharedMemory.get(id) ?? 0
      if (typeof segment === 'number') return segment
      return key === undefined || segment[1] === key || segment[1] === 0 ? segment[0] : 0
    },
    hasSharedMemory: (id, key) => {
      const segment = fake.sharedMemory.get(id)
      return typeof segment === 'object' && segment[1] === key
    },
    signal: ({ pid, startTimeTicks }, signal) => {
      const process = table.get(pid)
      if (process === undefined || process.startTimeTicks !== startTimeTicks) return false
      fake.signals.push({ pid, signal })
      fake.onSignal(process, signal)
      return true
    },
  }
  return fake
}

function innocent(pid: number): ProcessStatus {
  return {
    pid,
    parentPid: 1,
    state: 'S',
    startTimeTicks: pid * 100,
    uid: 105,
    executable: '/usr/bin/sleep',
    workingDirectory: { device: 1, inode: 2, path: '/' },
    commandLine: 'sleep 3600',
    cpuTicks: 0,
    ioBytes: 0,
    waitChannel: '',
    killPending: false,
  }
}

/** A stable number for a path, in place of an inode. */
function directoryNumber(path: string): number {
  return [...path].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_003, 7)
}
