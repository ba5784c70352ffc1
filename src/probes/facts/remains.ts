import type { Cluster } from '../../core/cluster.ts'
import type { Facts } from '../../core/facts.ts'
import type { Hindrance } from '../../core/hindrance.ts'
import type { Outside } from '../../ports/outside.ts'
import type { ProcessStatus } from '../../ports/processes.ts'
import { unlessUnavailable } from './bounded.ts'
import { findConfigurationError } from './configuration-error.ts'
import { lookAtLogEnding } from './log-ending.ts'
import { findRestoreSign } from './restore-sign.ts'
import { findWorker } from './worker.ts'
import type { WorkerMemory } from './worker.ts'

/** What is asked of a server that is down, and of what it has left behind. */
export type Remains = Pick<
  Facts,
  'logEnding' | 'restoreSign' | 'dataDirectoryUser' | 'dataDirectoryUserIsHot' | 'configurationError' | 'hindrances'
>

const RUNS = { status: 'unknown', why: 'it is not looked for while the server runs' } as const
const LATE = { status: 'unknown', why: 'it could not be looked at in time' } as const
const BUSY = { status: 'unknown', why: 'processes of the server are left' } as const

export const NO_REMAINS: Remains = {
  logEnding: 'unknown',
  restoreSign: RUNS,
  dataDirectoryUser: RUNS,
  dataDirectoryUserIsHot: false,
  configurationError: RUNS,
  hindrances: [],
}

export interface RemainsQuestion {
  readonly cluster: Cluster
  readonly outside: Outside
  /** Every process of this host. */
  readonly everybody: readonly ProcessStatus[]
  /** No process of the cluster is left. */
  readonly isEmpty: boolean
  readonly findHindrances: FindHindrances
  readonly memory: WorkerMemory
}

/** Looks for what keeps the server from being started; rejects with `OutsideError`. */
export type FindHindrances = (signal: AbortSignal) => Promise<readonly Hindrance[]>

/** Looks at what a server that is down has left. To be called after it was seen to be down: its log is complete by then. */
export async function lookAtRemains(question: RemainsQuestion, signal?: AbortSignal): Promise<Remains> {
  const { cluster, outside, isEmpty, findHindrances } = question
  const { clock, files, commands } = outside
  const [logEnding, restoreSign, configurationError, hindrances, worker] = await Promise.all([
    unlessUnavailable(clock, signal, () => lookAtLogEnding(cluster, files)),
    unlessUnavailable(clock, signal, () => findRestoreSign(cluster, files)),
    isEmpty ? unlessUnavailable(clock, signal, (deadline) => findConfigurationError(cluster, commands, deadline)) : BUSY,
    unlessUnavailable(clock, signal, findHindrances),
    findWorker(question, signal),
  ])
  return {
    logEnding: logEnding ?? 'unknown',
    restoreSign: restoreSign ?? LATE,
    configurationError: configurationError ?? LATE,
    dataDirectoryUser: worker.user,
    dataDirectoryUserIsHot: worker.isHot,
    hindrances: hindrances ?? [],
  }
}
