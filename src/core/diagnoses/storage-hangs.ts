import type { StuckProcess } from '../facts.ts'
import type { Diagnosis, Found, View } from './diagnosis.ts'
import { quote } from './diagnosis.ts'
import { describeStuck, lateReadings, stackCommand } from './stuck.ts'

/** Where a write waits for a file system that was frozen for a snapshot. */
const FROZEN_FILE_SYSTEM = /percpu_rwsem_wait|mnt_want_write|sb_start_write|freeze/

/** No signal ends a process that waits in the kernel, and it goes on by itself when the storage answers: nothing is stopped. */
export const storageHangs: Diagnosis = {
  name: 'storage-hangs',
  examine(view) {
    const stuck = view.facts.stuck.filter(({ how }) => how === 'in-kernel')
    if (stuck.length === 0) return { ruledOut: 'no process of the server waits in the kernel without moving' }
    if (view.facts.postmaster.status !== 'running') return { ruledOut: 'no postmaster runs' }
    if (lateReadings(view).length === 0) return { ruledOut: 'nothing is late' }
    return hangs(view, stuck)
  },
}

function hangs(view: View, stuck: readonly StuckProcess[]): Found {
  const late = lateReadings(view)
  const onlyWrites = late.every(({ probe }) => probe === 'write') && view.readings.connection.verdict === 'pass'
  const what = onlyWrites ? 'logins and reads are answered, writes hang' : 'the server answers too late or not at all'
  const who =
    stuck.length === 1 ? 'a process of it waits in the kernel and does' : `${stuck.length} processes of it wait in the kernel and do`
  return {
    cause: 'storage-hangs',
    response: 'person',
    verdict: `${what}: ${who} not move, as when the storage does not answer`,
    evidence: [...late.map(quote), ...stuck.map(describeStuck), ...hintOf(stuck)],
    commands: stackCommand(stuck),
  }
}

function hintOf(stuck: readonly StuckProcess[]): readonly string[] {
  const waits = stuck.some(({ waitChannel, stack }) => [waitChannel, ...stack].some((name) => FROZEN_FILE_SYSTEM.test(name)))
  return waits ? ['that is how a write waits for a file system that is frozen, as for a snapshot: fsfreeze --unfreeze lets it go on'] : []
}
