import type { Diagnosis, Found } from './diagnosis.ts'
import { serverIsDown } from './diagnosis.ts'

/** Somebody is at work on a server that is down, however it ended: a start would spoil the work, or be spoiled by it. */
export const occupied: Diagnosis = {
  name: 'occupied',
  examine(view) {
    const { packageUpgrade, dataDirectoryUser } = view.facts
    if (!serverIsDown(view)) return { ruledOut: 'a postmaster runs' }
    if (packageUpgrade) return wait('the server is down while a package upgrade runs', 'a package manager is at work')
    if (dataDirectoryUser.status === 'found')
      return wait(`the server is down and ${dataDirectoryUser.value} works in the data directory`, `${dataDirectoryUser.value} is at work`)
    if (dataDirectoryUser.status === 'unknown')
      return wait('the server is down, and whether somebody works in the data directory could not be told', dataDirectoryUser.why)
    return { ruledOut: 'nobody is seen at work on the cluster' }
  },
}

function wait(verdict: string, evidence: string): Found {
  return { cause: 'stopped-by-operator', response: 'wait', verdict, evidence: [evidence] }
}
