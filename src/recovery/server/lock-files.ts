import type { PidFile } from '../../core/postgres/postmaster-pid.ts'
import { parsePostmasterPid } from '../../core/postgres/postmaster-pid.ts'
import type { PidFileJudgement } from '../../core/postgres/staleness.ts'
import { judgePidFile } from '../../core/postgres/staleness.ts'
import type { ProcessStatus } from '../../ports/processes.ts'
import type { StepContext } from '../step.ts'

/** A lock file with what it says and whether it still belongs to somebody. */
export interface JudgedLockFile {
  readonly path: string
  /** As it was read for the judgement; `undefined` when it does not exist. */
  readonly text: string | undefined
  readonly judgement: PidFileJudgement
  /**
   * Whether a start stumbles over it though it is stale: it names a living stranger, a zombie (`kill(pid, 0)` succeeds, so
   * PostgreSQL takes it for alive), or nobody at all. A pid that is gone PostgreSQL sees through itself.
   */
  readonly hinders: boolean
  /** Who is named, for people: "pid 812, which is /usr/bin/sleep". */
  readonly names: string
}

/** Judges `postmaster.pid` and the lock file of the Unix socket, now. */
export async function judgeLockFiles(context: StepContext): Promise<readonly JudgedLockFile[]> {
  const { cluster } = context
  const main = await judge(context, `${cluster.dataDirectory}/postmaster.pid`)
  const socket = await judge(context, `${cluster.socketDirectory}/.s.PGSQL.${cluster.port}.lock`)
  return isOurs(context, socket) ? [main, socket] : [main]
}

/** A socket's lock file of another cluster on the same port is not ours to judge. */
function isOurs(context: StepContext, lockFile: JudgedLockFile): boolean {
  return lockFile.text?.split('\n')[1]?.trim() === context.cluster.dataDirectory
}

/**
 * Hidden processes are counted, which reads every process, only for a file that would be moved: one that names nobody is
 * left to the server's own guards.
 */
async function judge(context: StepContext, path: string): Promise<JudgedLockFile> {
  const text = await context.outside.files.readText(path, { maxBytes: 8192 })
  const pidFile = parsePostmasterPid(text)
  const named = namedProcess(context, pidFile)
  const mayHinder = text !== undefined && (!('pid' in pidFile) || context.outside.processes.inspect(pidFile.pid) !== undefined)
  const owner = named && (await context.outside.files.status(context.cluster.dataDirectory))
  const judgement = judgePidFile({
    pidFile,
    named: named && {
      executable: named.executable,
      inDataDirectory: inDataDirectory(context, named),
      isOfAnotherUser: owner !== undefined && owner.uid !== named.uid,
    },
    clusterPids: context.outside.processes.postgresIn(context.cluster.dataDirectory).map((process) => process.pid),
    attachments: attachments(context, pidFile),
    unreadable: mayHinder ? await countUnreadable(context) : 0,
  })
  return { path, text, judgement, hinders: judgement === 'stale' && mayHinder, names: describeNamed(pidFile, named) }
}

function namedProcess(context: StepContext, pidFile: PidFile): ProcessStatus | undefined {
  const process = 'pid' in pidFile ? context.outside.processes.inspect(pidFile.pid) : undefined
  return process === undefined || ['Z', 'X'].includes(process.state) ? undefined : process
}

function inDataDirectory(context: StepContext, named: ProcessStatus): boolean | undefined {
  if (named.workingDirectory === undefined) return undefined
  return context.outside.processes.postgresIn(context.cluster.dataDirectory).some((process) => process.pid === named.pid)
}

/** Identifiers of segments are given anew after a reboot, keys are not: only both together name this cluster's segment. */
function attachments(context: StepContext, pidFile: PidFile): number {
  if (!('pid' in pidFile) || pidFile.sharedMemoryKey === 0) return 0
  return context.outside.processes.sharedMemoryAttachments(pidFile.sharedMemoryId, pidFile.sharedMemoryKey)
}

/** Processes of the same user that hide their executable and may be a server by their command line. */
async function countUnreadable(context: StepContext): Promise<number> {
  const owner = await context.outside.files.status(context.cluster.dataDirectory)
  const hides = (process: ProcessStatus): boolean =>
    process.uid === owner?.uid && process.executable === undefined && /^$|postgres|postmaster/.test(process.commandLine)
  return context.outside.processes.find(hides).length
}

function describeNamed(pidFile: PidFile, named: ProcessStatus | undefined): string {
  if (!('pid' in pidFile)) return `no process (the file is ${pidFile.kind})`
  if (named === undefined) return `pid ${pidFile.pid}, which is dead`
  return `pid ${pidFile.pid}, which is ${named.executable ?? 'a program that may not be looked at'}`
}
