import type { Cluster } from '../../core/cluster.ts'
import type { Facts } from '../../core/facts.ts'
import { findLeader } from '../../core/postgres/leader.ts'
import { parsePostmasterPid } from '../../core/postgres/postmaster-pid.ts'
import type { PidFile } from '../../core/postgres/postmaster-pid.ts'
import { judgePidFile } from '../../core/postgres/staleness.ts'
import type { PidFileEvidence, PidFileJudgement } from '../../core/postgres/staleness.ts'
import type { Files } from '../../ports/files.ts'
import type { Processes, ProcessStatus } from '../../ports/processes.ts'

/** The processes of one cluster and its lock file, seen at one moment. */
export interface ClusterProcesses {
  readonly pidFile: PidFile
  readonly judgement: PidFileJudgement
  /** The file was the same after no process of the cluster was seen as before: a server that ends in order removes it first. */
  readonly pidFileLeft: boolean
  readonly processes: readonly ProcessStatus[]
  /** The parent of all others: the postmaster, or a single-user backend. */
  readonly leader: ProcessStatus | undefined
}

interface Sources {
  readonly files: Files
  readonly processes: Processes
  /** Every process of this host, seen once for all facts. */
  readonly everybody: readonly ProcessStatus[]
}

/** Looks at postmaster.pid and the process table. Rejects with `OutsideError` when the file may not be read. */
export async function lookAtProcesses(cluster: Cluster, sources: Sources): Promise<ClusterProcesses> {
  const { files, processes } = sources
  const readPidFile = () => files.readText(`${cluster.dataDirectory}/postmaster.pid`, { maxBytes: 4096 })
  const text = await readPidFile()
  const directory = await lookAtDirectory(files, cluster.dataDirectory)
  const ours = processes.postgresIn(cluster.dataDirectory)
  const pidFile = parsePostmasterPid(text)
  const judgement = judgePidFile(gatherEvidence(pidFile, ours, directory, sources))
  const leader = findLeader(ours)
  const mayBeLeft = text !== undefined && leader === undefined && (judgement === 'stale' || judgement === 'orphans')
  const pidFileLeft = mayBeLeft && (await readPidFile()) === text
  return { pidFile, judgement, pidFileLeft, processes: ours, leader }
}

/** Whom the cluster's processes amount to, as a fact. */
export function toPostmasterFact({ judgement, processes, leader }: ClusterProcesses): Facts['postmaster'] {
  if (leader !== undefined) return { status: 'running', pid: leader.pid, processState: leader.state, waitChannel: leader.waitChannel }
  if (processes.length > 0 || judgement === 'orphans') return { status: 'orphans', pids: processes.map(({ pid }) => pid) }
  if (judgement === 'unknown') return { status: 'unknown', why: 'processes that may be the server cannot be looked at' }
  return { status: 'absent' }
}

interface Directory {
  readonly device: number
  readonly inode: number
  readonly uid: number
}

async function lookAtDirectory(files: Files, path: string): Promise<Directory | undefined> {
  const real = await files.resolve(path)
  return real === undefined ? undefined : await files.status(real)
}

function gatherEvidence(
  pidFile: PidFile,
  ours: readonly ProcessStatus[],
  directory: Directory | undefined,
  { processes, everybody }: Sources,
): PidFileEvidence {
  const lines = pidFile.kind === 'ok' || pidFile.kind === 'negative' ? pidFile : undefined
  const named = lines && processes.inspect(lines.pid)
  const attachments = lines?.sharedMemoryKey ? processes.sharedMemoryAttachments(lines.sharedMemoryId, lines.sharedMemoryKey) : 0
  return {
    pidFile,
    named: named === undefined || named.state === 'Z' || named.state === 'X' ? undefined : toNamed(named, directory),
    clusterPids: ours.map(({ pid }) => pid),
    attachments,
    unreadable: everybody.filter((process) => process.uid === directory?.uid && hidesFrom(process)).length,
  }
}

function toNamed(process: ProcessStatus, directory: Directory | undefined): PidFileEvidence['named'] {
  const at = process.workingDirectory
  const known = at !== undefined && directory !== undefined
  return {
    executable: process.executable,
    inDataDirectory: known ? at.device === directory.device && at.inode === directory.inode : undefined,
    isOfAnotherUser: directory !== undefined && process.uid !== directory.uid,
  }
}

/** Without an executable there is no proof; kernel threads have no command line either, and are never PostgreSQL. */
function hidesFrom({ executable, commandLine }: ProcessStatus): boolean {
  return executable === undefined && /\bpostgres\b/.test(commandLine)
}
