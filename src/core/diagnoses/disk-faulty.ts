import type { Diagnosis } from './diagnosis.ts'
import { quote, rejectedWith, serverIsDown } from './diagnosis.ts'
import { strengthOfCrash } from './ending.ts'
import { hinderedBy } from './hindered.ts'

const READ_ONLY = /: Read-only file system$/

/** The hardware is suspect: one restart at most, then a person; none where the file system takes no writes any more. */
export const diskFaulty: Diagnosis = {
  name: 'disk-faulty',
  examine(view) {
    const held = hinderedBy(view.facts.hindrances.filter(({ cause }) => cause === 'disk-faulty'))
    if (held !== undefined)
      return { ...held, evidence: [...held.evidence, ...view.facts.log.panics, ...(view.facts.hardware?.sentences ?? [])] }
    const isReadOnly = view.failed.some(({ detail }) => READ_ONLY.test(detail))
    const said = [...rejectedWith(view, ['58030']), ...view.failed.filter(({ detail }) => READ_ONLY.test(detail))]
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
        verdict: `${isReadOnly ? 'the file system has gone read-only' : 'the storage reports errors'}; the server is left running`,
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
