import type { Diagnosis, View } from './diagnosis.ts'
import { quote, rejectedWith, serverIsDown } from './diagnosis.ts'

/** A standby is not a broken primary, and is never acted on; neither is a copy that was not started yet. */
export const standby: Diagnosis = {
  name: 'read-only',
  examine(view) {
    if (isOnlyRoomless(view)) return { ruledOut: 'the cluster serves, and what it lacks is room' }
    const signs = findSigns(view)
    if (signs.length > 0) {
      return {
        cause: 'read-only',
        response: 'person',
        verdict: 'the cluster is a standby (or restores an archive): pgwatchd never acts on one',
        evidence: signs,
      }
    }
    const readOnly = rejectedWith(view, ['25006'])
    if (readOnly.length === 0) return { ruledOut: 'the cluster is a primary and nothing was refused as read-only' }
    return { cause: 'read-only', response: 'person', verdict: 'the server refuses writes as read-only', evidence: readOnly.map(quote) }
  },
}

/** Also a standby can be full: that is told as what it is. */
function isOnlyRoomless({ failed }: View): boolean {
  return failed.length > 0 && failed.every(({ probe }) => probe === 'disk')
}

function findSigns(view: View): readonly string[] {
  const { controlFile, restoreSign } = view.facts
  const state = controlFile?.state
  if (view.readings.connection.evidence['inRecovery'] === true) return ['pg_is_in_recovery() is true']
  if (state === 'in archive recovery' || state === 'shut down in recovery') return [`the control file says "${state}"`]
  if (!serverIsDown(view) || restoreSign.status === 'none') return []
  return [restoreSign.status === 'found' ? `${restoreSign.value} lies in the data directory` : restoreSign.why]
}
