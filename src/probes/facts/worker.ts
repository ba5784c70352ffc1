import type { Cluster } from '../../core/cluster.ts'
import type { Outside } from '../../ports/outside.ts'
import type { ProcessStatus } from '../../ports/processes.ts'
import { unlessUnavailable } from './bounded.ts'
import type { DataDirectoryUser } from './data-directory-user.ts'
import { findDataDirectoryUser, suspectWorkers } from './data-directory-user.ts'
import { findOpenFile } from './open-file.ts'

export interface WorkerMemory {
  /** When the server last served a new session, as far as this daemon saw it. */
  servedMonotonicMs: number | undefined
  /** What the first look after the server's end came to: whether another user's program had a file open already then. */
  atEnd: { readonly servedMonotonicMs: number; readonly wasOpen: boolean } | undefined
}

interface WorkerQuestion {
  readonly cluster: Cluster
  readonly outside: Outside
  /** Every process of this host. */
  readonly everybody: readonly ProcessStatus[]
  /** No process of the cluster is left. */
  readonly isEmpty: boolean
  readonly memory: WorkerMemory
}

/** Whoever may be seen to work in the directory of a server that is down; otherwise whoever has a file open, which only the kernel knows. */
export async function findWorker(question: WorkerQuestion, signal: AbortSignal | undefined): Promise<DataDirectoryUser> {
  const { cluster, outside, everybody, isEmpty, memory } = question
  const { processes, clock, commands } = outside
  const seen = findDataDirectoryUser({ cluster, processes, everybody, servedMonotonicMs: memory.servedMonotonicMs })
  if (seen.user.status !== 'none' || !isEmpty) return seen
  const path = await unlessUnavailable(clock, signal, (deadline) => findOpenFile(cluster, commands, deadline))
  rememberFirst(memory, path !== undefined)
  if (path === undefined) return seen
  const value = `another user's program (${await whoMayItBe(question, signal)}it has ${path} open)`
  return { user: { status: 'found', value }, isHot: memory.atEnd?.wasOpen ?? false }
}

/** Whoever had a file open when the server had just ended was at it while the server ran. */
function rememberFirst(memory: WorkerMemory, wasOpen: boolean): void {
  const { servedMonotonicMs, atEnd } = memory
  if (servedMonotonicMs !== atEnd?.servedMonotonicMs)
    memory.atEnd = servedMonotonicMs === undefined ? undefined : { servedMonotonicMs, wasOpen }
}

async function whoMayItBe({ cluster, outside, everybody }: WorkerQuestion, signal: AbortSignal | undefined): Promise<string> {
  const owner = await unlessUnavailable(outside.clock, signal, () => outside.files.status(cluster.dataDirectory))
  const [first, ...others] = suspectWorkers(everybody, owner?.uid)
  return first === undefined ? '' : `perhaps ${[first, ...others.slice(0, 2)].join(' or ')}; `
}
