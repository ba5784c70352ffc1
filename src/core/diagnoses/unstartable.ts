import type { Diagnosis } from './diagnosis.ts'
import { serverIsDown } from './diagnosis.ts'
import { hinderedBy } from './hindered.ts'

/** Files, directories or rights that keep the server from being started, and are no damage of its data. */
export const unstartable: Diagnosis = {
  name: 'unstartable',
  examine(view) {
    if (!serverIsDown(view)) return { ruledOut: 'a postmaster runs' }
    const found = view.facts.hindrances.filter(({ cause }) => cause === 'unstartable')
    const mended = found.map(({ sentence }) => sentence).join('; ')
    return (
      hinderedBy(found) ?? {
        ruledOut: found.length === 0 ? 'nothing in its files keeps it from being started' : `mended before a start: ${mended}`,
      }
    )
  },
}
