import type { Diagnosis } from './diagnosis.ts'

/** Stopped by a signal (T) or in uninterruptible sleep (D); one that waits, computes, or is held by a debugger (t) is not frozen. */
const FROZEN_STATES = ['T', 'D']

/**
 * A postmaster that can answer nobody. A fresh session that times out is not enough: that is also what a busy
 * host or a lock on a catalog looks like, and a restart would drop every session for nothing.
 */
export const frozen: Diagnosis = {
  name: 'frozen',
  examine({ facts, readings }) {
    if (readings.service.reason !== 'suspended' && readings.connection.reason !== 'timeout')
      return { ruledOut: 'new sessions are answered or refused in time' }
    if (facts.postmaster.status !== 'running') return { ruledOut: 'no postmaster runs' }
    const { processState, pid, waitChannel } = facts.postmaster
    if (!FROZEN_STATES.includes(processState)) return { ruledOut: `the postmaster is in state ${processState}, so it is not stopped` }
    return {
      cause: 'frozen',
      response: 'recover',
      plan: 'restart',
      verdict:
        processState === 'D'
          ? 'the postmaster hangs in the kernel and answers nobody'
          : 'the postmaster is stopped by a signal and answers nobody',
      evidence: [
        readings.service.reason === 'suspended' ? readings.service.detail : readings.connection.detail,
        `postmaster ${pid} is in state ${processState}${waitChannel === '' ? '' : ` (${waitChannel})`}`,
      ],
    }
  },
}
