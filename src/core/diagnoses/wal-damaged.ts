import type { Diagnosis } from './diagnosis.ts'
import { serverIsDown } from './diagnosis.ts'
import { hinderedBy } from './hindered.ts'

/** What an attempt has found in the WAL, and refused to start the server for. */
export const walDamaged: Diagnosis = {
  name: 'wal-damaged',
  examine(view) {
    if (!serverIsDown(view)) return { ruledOut: 'a postmaster runs' }
    const found = view.facts.hindrances.filter(({ cause }) => cause === 'wal-damaged')
    return hinderedBy(found) ?? { ruledOut: 'no damage is known in the WAL; it is read before a start' }
  },
}
