import type { ControlState } from '../facts.ts'
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
  return restoreSign.status === 'found' ? explainSign(restoreSign.value, state) : [restoreSign.why]
}

/** What a left-over file may mean: two things, of which only a person knows which; so it is never removed. */
function explainSign(name: string, state: ControlState | undefined): readonly string[] {
  const lies = `${name} lies in the data directory`
  if (name === 'backup_label')
    return [
      lies,
      'it belongs to a backup that was restored or is being restored; without it recovery would begin at a wrong place, and damage the data unnoticed',
    ]
  if (state === undefined) return [lies]
  return [
    lies,
    `the control file says "${state}", so the server ran as a primary before, and the file was put there since`,
    'if another server has taken over, this one must not become a primary again; if none has, the file was left over: whoever knows removes it or starts the server with it',
  ]
}
