import { OutsideError } from '../ports/outside-error.ts'
import type { ProcessLife, ProcessStatus } from '../ports/processes.ts'
import type { Look } from './probe.ts'

export type Postmaster =
  | { readonly status: 'alive'; readonly pid: number; readonly processState: string }
  | { readonly status: 'absent'; readonly why: string }
  /** The operating system did not let pgwatchd look. */
  | { readonly status: 'unproven'; readonly why: string }

const PID_FILE_BYTES = 1024

function isDead(status: ProcessLife | undefined): boolean {
  return status === undefined || status.state === 'Z' || status.state === 'X'
}

/** The postmaster proven before, if it still lives: its start time rules out another process with the same pid. */
function findRemembered({ memory, outside }: Look): Postmaster | undefined {
  const known = memory.postmaster
  if (known === undefined) return undefined
  const status = outside.processes.glance(known.pid)
  if (status !== undefined && !isDead(status) && status.startTimeTicks === known.startTimeTicks) {
    return { status: 'alive', pid: known.pid, processState: status.state }
  }
  memory.postmaster = undefined
  return undefined
}

/** The pid of postmaster.pid: 0 when there is no file, no number, or a single-user server (negative). */
async function readPidFile({ cluster, outside }: Look): Promise<number> {
  const text = await outside.files.readText(`${cluster.dataDirectory}/postmaster.pid`, { maxBytes: PID_FILE_BYTES })
  const pid = Number(text?.split('\n')[0])
  return Number.isSafeInteger(pid) && pid > 1 ? pid : 0
}

/** By path or by inode: an overlay or a bind mount may show the one and hide the other. */
async function isDataDirectory({ cluster, outside }: Look, directory: NonNullable<ProcessStatus['workingDirectory']>): Promise<boolean> {
  const path = await outside.files.resolve(cluster.dataDirectory)
  const status = path === undefined ? undefined : await outside.files.status(path)
  return path === directory.path || (status?.inode === directory.inode && status.device === directory.device)
}

/** A process is this cluster's when its program is `postgres` and it works in the data directory. */
async function judgeCandidate(look: Look, pid: number): Promise<Postmaster> {
  const process = look.outside.processes.inspect(pid)
  if (process === undefined || isDead(process)) return { status: 'absent', why: `process ${pid} is dead` }
  const { executable, workingDirectory } = process
  if (executable === undefined || workingDirectory === undefined) return { status: 'unproven', why: `process ${pid} may not be looked at` }
  const isOurs = executable.endsWith('/postgres') && (await isDataDirectory(look, workingDirectory))
  if (!isOurs) return { status: 'absent', why: `process ${pid} is another program's or another cluster's` }
  look.memory.postmaster = { pid, startTimeTicks: process.startTimeTicks }
  return { status: 'alive', pid, processState: process.state }
}

/**
 * The living postmaster of this cluster. In steady state that costs one look at one process; otherwise the candidates are
 * the pid file's and the service manager's (`mainPid`, 0 when unknown).
 */
export async function findPostmaster(look: Look, mainPid: number): Promise<Postmaster> {
  const remembered = findRemembered(look)
  if (remembered !== undefined) return remembered
  try {
    const fromFile = await readPidFile(look)
    const judged = fromFile === 0 ? undefined : await judgeCandidate(look, fromFile)
    if (judged?.status === 'alive' || mainPid === 0 || mainPid === fromFile)
      return judged ?? { status: 'absent', why: 'postmaster.pid names none' }
    const main = await judgeCandidate(look, mainPid)
    return main.status === 'alive' ? main : (judged ?? main)
  } catch (error) {
    if (error instanceof OutsideError) return { status: 'unproven', why: error.message }
    throw error
  }
}
