import { titleOf } from '../core/postgres/process-title.ts'
import type { Look, ProbeMemory } from './probe.ts'

/** All processes of the host are walked through for it, so a healthy cluster is looked at this seldom. */
const INTERVAL_MS = 60_000
const MOST_NAMES = 5

/**
 * The cluster's processes that a signal has stopped, the postmaster aside: a stopped checkpointer or WAL writer lets every other
 * probe pass for hours. "checkpointer (pid 812)".
 */
export function findStoppedProcesses(look: Look, postmasterPid: number): readonly string[] {
  if (!isDue(look)) return look.memory.stoppedProcesses?.names ?? []
  const { clock, processes } = look.outside
  const stopped = processes.postgresIn(look.cluster.dataDirectory).filter(({ pid, state }) => state === 'T' && pid !== postmasterPid)
  const names = stopped.slice(0, MOST_NAMES).map(({ pid, commandLine }) => `${titleOf(commandLine)} (pid ${pid})`)
  const remembered: ProbeMemory['stoppedProcesses'] = { monotonicMs: clock.monotonicMs(), names }
  look.memory.stoppedProcesses = remembered
  return names
}

/** What is known to be stopped is looked at each time, so that its end is seen at once. */
function isDue({ memory: { stoppedProcesses }, urgent, outside }: Look): boolean {
  if (urgent || stoppedProcesses === undefined || stoppedProcesses.names.length > 0) return true
  return outside.clock.monotonicMs() - stoppedProcesses.monotonicMs >= INTERVAL_MS
}
