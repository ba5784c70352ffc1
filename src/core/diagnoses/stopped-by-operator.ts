import type { Diagnosis, Found, View } from './diagnosis.ts'
import { serverIsDown } from './diagnosis.ts'
import { judgeEnding } from './ending.ts'
import { examineWork } from './work.ts'

const CLEAN_RESULTS = ['success', '']

/** A shutdown that nobody but an operator can have asked for, or work on a server that is down: both are left in peace. */
export const stoppedByOperator: Diagnosis = {
  name: 'stopped-by-operator',
  examine(view) {
    if (!serverIsDown(view)) return { ruledOut: 'a postmaster runs' }
    return examineWork(view) ?? examineStop(view)
  },
}

/** A clean stop, or one that the log or the service manager says was requested. */
function examineStop(view: View): Found | { readonly ruledOut: string } {
  const { controlFile, service, pendingStart } = view.facts
  if (pendingStart !== undefined) return { ruledOut: 'a start is under way' }
  if (controlFile === undefined) return { ruledOut: 'the control file cannot be read' }
  const ending = judgeEnding(view)
  const isRequested = ending?.kind === 'stop'
  const isClean = controlFile.state === 'shut down'
  if (!isRequested && !isClean) return { ruledOut: `the control file says "${controlFile.state}", and no request to stop is known` }
  if (!isRequested && !endedWell(view)) return { ruledOut: `the service ended with result "${service.result}"` }
  const evidence = [
    `the control file says "${controlFile.state}"`,
    `the service is ${service.state} with result "${service.result || 'none'}"`,
    ...(isRequested ? ending.traces : []),
  ]
  const verdict = isClean ? 'the server was shut down cleanly by an operator' : 'the server was stopped by an operator'
  return { cause: 'stopped-by-operator', response: 'grace', plan: 'restart', verdict, evidence }
}

function endedWell({ facts }: View): boolean {
  return facts.service.state !== 'failed' && CLEAN_RESULTS.includes(facts.service.result)
}
