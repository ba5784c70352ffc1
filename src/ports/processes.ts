export type ProcessSignal = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGKILL' | 'SIGHUP' | 'SIGUSR1' | 'SIGCONT' | 'SIGABRT'

/** One process as `/proc` shows it. */
export interface ProcessStatus {
  readonly pid: number
  readonly parentPid: number
  /** `R`, `S`, `D`, `T`, `t`, `Z`, `X`, `I`; a zombie (`Z`, `X`) is dead. */
  readonly state: string
  /** Start time in clock ticks since boot: with the pid it names one process for ever. */
  readonly startTimeTicks: number
  readonly uid: number
  /** `/proc/PID/exe`, with " (deleted)" cut off; `undefined` when it may not be read. */
  readonly executable: string | undefined
  /** Device and inode of `/proc/PID/cwd`; `undefined` when it may not be read. */
  readonly workingDirectory: { readonly device: number; readonly inode: number; readonly path: string } | undefined
  /** Arguments joined by blanks; PostgreSQL writes its activity here ("postgres: 15/main: startup recovering 00000001…"). At most 4 KiB. */
  readonly commandLine: string
  /** utime + stime in clock ticks. */
  readonly cpuTicks: number
  /** `rchar` + `wchar` of `/proc/PID/io`; `undefined` when it may not be read. */
  readonly ioBytes: number | undefined
  /** `/proc/PID/wchan`; empty when unknown. */
  readonly waitChannel: string
  /** SIGKILL was sent to it and it has not died yet; looked at only in state `D`. */
  readonly killPending: boolean
}

/** What names a process, and whether it lives. */
export type ProcessLife = Pick<ProcessStatus, 'pid' | 'state' | 'startTimeTicks'>

/** Processes of this host, read from `/proc` without forking. */
export interface Processes {
  /** `undefined` when there is none with that pid (a zombie is still returned, with state `Z`). */
  inspect(pid: number): ProcessStatus | undefined
  /** The same of one file instead of eight: for what is looked at every few seconds. */
  glance(pid: number): ProcessLife | undefined
  /** Every live (not zombie) process whose executable is called `postgres` and whose working directory is `directory` (by device and inode). */
  postgresIn(directory: string): readonly ProcessStatus[]
  /** Every live process whose executable's base name or command line matches; for package managers and cluster managers. */
  find(matches: (process: ProcessStatus) => boolean): readonly ProcessStatus[]
  /**
   * Live processes, other than PostgreSQL's own and pgwatchd, with a file below `directory` open or as working
   * directory; best effort (only what this user may see).
   */
  using(directory: string): readonly ProcessStatus[]
  /** Where in the kernel it waits, innermost function first; empty when this user may not look (mostly only root may). */
  kernelStack(pid: number): readonly string[]
  /** Attached processes of the System V segment `id` (`/proc/sysvipc/shm`), 0 when it does not exist, or has another `key` where one is given. */
  sharedMemoryAttachments(id: number, key?: number): number
  /** Whether the System V segment `id` with this `key` is there: none outlives its kernel. */
  hasSharedMemory(id: number, key: number): boolean
  /** Sends a signal to exactly that process: nothing happens when the pid now belongs to another. Returns whether it was sent. */
  signal(process: { readonly pid: number; readonly startTimeTicks: number }, signal: ProcessSignal): boolean
}
