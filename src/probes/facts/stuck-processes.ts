import type { StuckProcess } from '../../core/facts.ts'
import { titleOf } from '../../core/postgres/process-title.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Processes, ProcessStatus } from '../../ports/processes.ts'
import type { ClusterProcesses } from './cluster-processes.ts'

/** Every read of a disk is a moment in uninterruptible sleep: only what is in the same one still is stuck. */
const LOOK_AGAIN_AFTER_MS = 300
const MOST_PROCESSES = 20
const MOST_FUNCTIONS = 8

/** Where the kernel keeps a process of a frozen control group: version 1 (state D), version 2 (state S). */
const FREEZER_CHANNELS = ['__refrigerator', 'refrigerator', 'do_freezer_trap', 'get_signal']

interface Sources {
  readonly clock: Clock
  readonly processes: Processes
}

/** The cluster's processes that do not move, and what holds each. */
export async function lookAtStuck(
  { clock, processes }: Sources,
  { processes: seen, leader }: Pick<ClusterProcesses, 'processes' | 'leader'>,
  signal: AbortSignal,
): Promise<readonly StuckProcess[]> {
  const suspects = seen.filter((process) => howStuck(process) !== undefined).sort(leaderFirst(leader?.pid))
  if (suspects.some((process) => howStuck(process) === 'in-kernel')) await clock.sleep(LOOK_AGAIN_AFTER_MS, signal)
  return suspects
    .slice(0, MOST_PROCESSES)
    .flatMap((before) => confirm(before, processes.inspect(before.pid)) ?? [])
    .map((process) => describe(process, process.pid === leader?.pid, processes))
}

function howStuck({ state, waitChannel }: ProcessStatus): StuckProcess['how'] | undefined {
  if (FREEZER_CHANNELS.includes(waitChannel) && (state === 'D' || state === 'S')) return 'frozen'
  if (state === 'T') return 'stopped'
  return state === 'D' ? 'in-kernel' : undefined
}

function confirm(before: ProcessStatus, now: ProcessStatus | undefined): ProcessStatus | undefined {
  if (now === undefined || now.startTimeTicks !== before.startTimeTicks || howStuck(now) !== howStuck(before)) return undefined
  const hasMoved = now.cpuTicks !== before.cpuTicks || now.ioBytes !== before.ioBytes
  return howStuck(now) === 'in-kernel' && hasMoved ? undefined : now
}

function describe(process: ProcessStatus, isPostmaster: boolean, processes: Processes): StuckProcess {
  return {
    pid: process.pid,
    title: isPostmaster ? 'postmaster' : titleOf(process.commandLine),
    how: howStuck(process) ?? 'in-kernel',
    waitChannel: process.waitChannel,
    isKilled: process.killPending,
    stack: process.state === 'D' ? processes.kernelStack(process.pid).slice(0, MOST_FUNCTIONS) : [],
  }
}

function leaderFirst(leaderPid: number | undefined) {
  return (one: ProcessStatus, other: ProcessStatus): number =>
    Number(other.pid === leaderPid) - Number(one.pid === leaderPid) || one.pid - other.pid
}
