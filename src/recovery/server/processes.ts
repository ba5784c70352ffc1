import { findLeader } from '../../core/postgres/leader.ts'
import type { ProcessStatus } from '../../ports/processes.ts'
import type { ServerContext } from '../step.ts'

/** What runs on the cluster's data directory. */
export interface RunningServer {
  /** The parent of all; `undefined` when it is gone. */
  readonly postmaster: ProcessStatus | undefined
  /** Every live process of the cluster, the postmaster included. */
  readonly processes: readonly ProcessStatus[]
}

/** Looks at the processes, by executable and working directory, never by pid file. */
export function findServer(context: ServerContext): RunningServer {
  const processes = context.outside.processes.postgresIn(context.cluster.dataDirectory)
  return { processes, postmaster: findLeader(processes) }
}

/** Whether no process of the cluster lives; a zombie is dead. */
export function nothingRuns(context: ServerContext): boolean {
  return context.outside.processes.postgresIn(context.cluster.dataDirectory).length === 0
}

/** "pid 4711 (state D in percpu_rwsem_wait)", for people. */
export function describeProcess(process: ProcessStatus): string {
  const waiting = process.waitChannel === '' || process.waitChannel === '0' ? '' : ` in ${process.waitChannel}`
  return `pid ${process.pid} (state ${process.state}${waiting})`
}
