import type { Diagnosis } from './diagnosis.ts'
import { quote, rejectedWith, serverIsDown } from './diagnosis.ts'
import { strengthOfCrash } from './ending.ts'

/** The hardware is suspect: one restart at most, then a person. */
export const diskFaulty: Diagnosis = {
  name: 'disk-faulty',
  examine(view) {
    const said = rejectedWith(view, ['58030'])
    if (said.length === 0 && !view.facts.log.ioError) return { ruledOut: 'no I/O error was reported' }
    const evidence = [
      ...said.map(quote),
      ...view.facts.log.panics,
      ...(view.facts.log.ioError ? ['the server log reports an I/O error'] : []),
      ...(view.facts.hardware?.sentences ?? []),
    ]
    const commands = (view.facts.hardware?.disks ?? []).map((disk) => ({ shell: `sudo smartctl -a /dev/${disk}` }))
    if (!serverIsDown(view))
      return {
        cause: 'disk-faulty',
        response: 'person',
        verdict: 'the storage reports errors; the server is left running',
        evidence,
        commands,
      }
    return {
      cause: 'disk-faulty',
      response: 'recover',
      plan: 'restart',
      strength: strengthOfCrash(view),
      attemptsAtMost: 1,
      verdict: 'the server is down after storage errors: one restart, then a person',
      evidence,
      commands,
    }
  },
}
