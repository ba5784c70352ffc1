import type { Diagnosis } from './diagnosis.ts'
import { describeStuck, stackCommand } from './stuck.ts'

/**
 * Killed, and alive all the same: the kernel delivers the signal only when what the process waits for comes. Whoever killed it,
 * nothing more is killed, and nothing is started beside it. When it ends or goes on, the next look finds another cause.
 */
export const cannotBeStopped: Diagnosis = {
  name: 'cannot-be-stopped',
  examine({ facts: { stuck } }) {
    const killed = stuck.filter(({ isKilled }) => isKilled)
    if (killed.length === 0) return { ruledOut: 'no process of the server has outlived SIGKILL' }
    const verdict =
      killed.length === 1
        ? 'a process of the server was killed and lives on: it hangs in the kernel, and nothing is started beside it'
        : `${killed.length} processes of the server were killed and live on: they hang in the kernel, and nothing is started beside them`
    return {
      cause: 'cannot-be-stopped',
      response: 'person',
      verdict,
      evidence: stuck.map(describeStuck),
      commands: stackCommand(stuck),
    }
  },
}
