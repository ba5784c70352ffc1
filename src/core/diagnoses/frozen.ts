import type { StuckProcess } from '../facts.ts'
import { isHelper } from '../postgres/process-title.ts'
import { blocksFor, findRoots } from '../sessions/lock-conflicts.ts'
import type { Diagnosis, Found, View } from './diagnosis.ts'
import { quote } from './diagnosis.ts'
import { describeStuck, lateReadings } from './stuck.ts'

/**
 * Processes that something has stopped. A fresh session that times out is not enough: that is also what a busy host or a lock on
 * a catalog looks like, and a restart would drop every session for nothing.
 */
export const frozen: Diagnosis = {
  name: 'frozen',
  examine(view) {
    const { facts, readings } = view
    const late = lateReadings(view)
    const blocking = stoppedRoots(view)
    if (readings.service.reason !== 'suspended' && late.length + blocking.length === 0) return { ruledOut: 'nothing is late' }
    if (facts.postmaster.status !== 'running') return { ruledOut: 'no postmaster runs' }
    const inGroup = facts.stuck.filter(({ how }) => how === 'frozen')
    if (inGroup.length > 0) return frozenGroup(view, inGroup)
    if (facts.postmaster.processState === 'T') return stoppedPostmaster(view)
    const stopped = facts.stuck.filter(
      (process) => process.how === 'stopped' && (blocking.includes(process.pid) || mayExplain(process, view)),
    )
    if (stopped.length > 0) return stoppedProcesses(view, stopped)
    return { ruledOut: `the postmaster is in state ${facts.postmaster.processState}, and no process that would explain it is stopped` }
  },
}

/** Sessions that a signal has stopped and that others have waited for, for long. */
function stoppedRoots({ facts: { stuck, conflicts } }: View): readonly number[] {
  if (conflicts.status !== 'found') return []
  const { policy } = conflicts.value
  const roots = findRoots(conflicts.value).filter((root) => blocksFor(root, policy.limitMs))
  const stopped = stuck.filter(({ how }) => how === 'stopped').map(({ pid }) => pid)
  return roots.map(({ party }) => party.pid).filter((pid) => stopped.includes(pid))
}

/** A query may have been stopped on purpose; it explains a silence, for it may hold what all others need, but not slowness. */
function mayExplain({ title }: StuckProcess, view: View): boolean {
  return isHelper(title) || view.failed.some(({ reason }) => reason === 'timeout')
}

/** What a person froze, that person thaws; no signal reaches such a process. */
function frozenGroup(view: View, stuck: readonly StuckProcess[]): Found {
  const [first] = stuck
  return {
    cause: 'frozen',
    response: 'person',
    verdict: 'the server is frozen by its control group: no signal wakes it, it has to be thawed',
    evidence: [...lateReadings(view).map(quote), ...stuck.map(describeStuck)],
    commands: [
      { shell: `cat /proc/${first?.pid ?? 'self'}/cgroup   # names the control group: thaw that, or run systemctl thaw for its unit` },
    ],
  }
}

function stoppedPostmaster({ facts, readings }: View): Found | { readonly ruledOut: string } {
  if (readings.service.reason !== 'suspended' && readings.connection.reason !== 'timeout')
    return { ruledOut: 'new sessions are answered or refused in time' }
  const pid = facts.postmaster.status === 'running' ? facts.postmaster.pid : 0
  const others = facts.stuck.filter((process) => process.how === 'stopped' && process.pid !== pid)
  return {
    cause: 'frozen',
    response: 'recover',
    plan: 'restart',
    verdict: 'the postmaster is stopped by a signal and answers nobody',
    evidence: [
      readings.service.reason === 'suspended' ? readings.service.detail : readings.connection.detail,
      `postmaster ${pid} is in state T`,
      ...others.map(describeStuck),
    ],
  }
}

/** The postmaster is free: the server needs no restart, and those that are stopped need to go on. */
function stoppedProcesses(view: View, stopped: readonly StuckProcess[]): Found {
  const who = stopped.length === 1 ? 'a process of the server is' : `${stopped.length} processes of the server are`
  return {
    cause: 'frozen',
    response: 'recover',
    plan: 'remedies',
    verdict: `${who} stopped by a signal, and ${lateReadings(view).length > 0 ? 'answers come late' : 'others wait for what it holds'}; the postmaster is free`,
    evidence: [...lateReadings(view).map(quote), ...stopped.map(describeStuck)],
    commands: [{ shell: `sudo kill -CONT ${stopped.map(({ pid }) => pid).join(' ')}` }],
  }
}
