import type { ProcessStatus } from '../../ports/processes.ts'
import type { ServerContext } from '../step.ts'

/** One look at a starting server; two looks that differ prove that it advances. */
export interface StartupSample {
  /** Line 8 of postmaster.pid: `starting`, `ready`, `stopping`, `standby`; empty when there is none. */
  readonly status: string
  /** WAL file being replayed; empty outside redo. */
  readonly walFile: string
  /** Bytes that the startup process has read and written. */
  readonly replayedBytes: number
  /** Everything that moves, joined: positions, CPU and I/O of the startup process, the checkpointer and the postmaster. */
  readonly fingerprint: string
}

const WORKERS = /startup|checkpointer/
const WAL_FILE = /recovering ([0-9A-F]{24})/

/** Reads the status line of postmaster.pid; empty when the file or the line is missing. */
export async function readPidFileStatus(context: ServerContext): Promise<string> {
  const text = await context.outside.files.readText(`${context.cluster.dataDirectory}/postmaster.pid`, { maxBytes: 4096 })
  return text?.split('\n')[7]?.trim() ?? ''
}

/** Takes one look, from the process table and postmaster.pid alone. */
export async function sampleStartup(context: ServerContext): Promise<StartupSample> {
  const status = await readPidFileStatus(context)
  const processes = context.outside.processes.postgresIn(context.cluster.dataDirectory)
  const startup = processes.find((process) => /startup/.test(process.commandLine))
  return {
    status,
    walFile: WAL_FILE.exec(startup?.commandLine ?? '')?.[1] ?? '',
    replayedBytes: startup?.ioBytes ?? 0,
    fingerprint: [status, processes.length, ...processes.filter(isWorker).map(describeMovement)].join('|'),
  }
}

/** Whether the server is starting and moved within `withinMs`: then it must not be disturbed. */
export async function isAdvancing(context: ServerContext, withinMs: number, signal: AbortSignal): Promise<boolean> {
  const before = await sampleStartup(context)
  if (before.status !== 'starting') return false
  await context.outside.clock.sleep(withinMs, signal)
  const later = await sampleStartup(context)
  return later.status === 'starting' && later.fingerprint !== before.fingerprint
}

function isWorker(process: ProcessStatus): boolean {
  return WORKERS.test(process.commandLine) || !process.commandLine.startsWith('postgres:')
}

function describeMovement(process: ProcessStatus): string {
  return `${process.pid} ${process.cpuTicks} ${process.ioBytes ?? ''} ${WAL_FILE.exec(process.commandLine)?.[1] ?? ''}`
}
