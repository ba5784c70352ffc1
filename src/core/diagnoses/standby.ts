import type { Diagnosis } from './diagnosis.ts'
import { quote, rejectedWith } from './diagnosis.ts'

/** A standby is not a broken primary, and is never acted on. */
export const standby: Diagnosis = {
  name: 'read-only',
  examine(view) {
    const state = view.facts.controlFile?.state
    const inRecovery = view.readings.connection.evidence['inRecovery'] === true
    if (inRecovery || state === 'in archive recovery' || state === 'shut down in recovery') {
      return {
        cause: 'read-only',
        response: 'person',
        verdict: 'the cluster is a standby (or restores an archive): pgwatchd never acts on one',
        evidence: [inRecovery ? 'pg_is_in_recovery() is true' : `the control file says "${state}"`],
      }
    }
    const readOnly = rejectedWith(view, ['25006'])
    if (readOnly.length === 0) return { ruledOut: 'the cluster is a primary and nothing was refused as read-only' }
    return { cause: 'read-only', response: 'person', verdict: 'the server refuses writes as read-only', evidence: readOnly.map(quote) }
  },
}
