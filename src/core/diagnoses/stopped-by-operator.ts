import type { Diagnosis, View } from './diagnosis.ts'
import { serverIsDown } from './diagnosis.ts'
import { judgeEnding } from './ending.ts'

const CLEAN_RESULTS = ['success', '']

/** A shutdown that nobody but an operator can have asked for: a clean one, or one that the log says was requested. */
export const stoppedByOperator: Diagnosis = {
  name: 'stopped-by-operator',
  examine(view) {
    const { facts } = view
    if (!serverIsDown(view)) return { ruledOut: 'a postmaster runs' }
    if (facts.controlFile === undefined) return { ruledOut: 'the control file cannot be read' }
    const ending = judgeEnding(view)
    const requested = ending?.kind === 'stop'
    if (!requested && facts.controlFile.state !== 'shut down')
      return { ruledOut: `the control file says "${facts.controlFile.state}", not "shut down", and no request to stop is known` }
    if (!requested && !endedWell(view)) return { ruledOut: `the service ended with result "${facts.service.result}"` }
    return {
      cause: 'stopped-by-operator',
      response: 'grace',
      plan: 'restart',
      verdict:
        facts.controlFile.state === 'shut down'
          ? 'the server was shut down cleanly by an operator'
          : 'the server was stopped by an operator',
      evidence: [
        `the control file says "${facts.controlFile.state}"`,
        `the service is ${facts.service.state} with result "${facts.service.result || 'none'}"`,
        ...(requested ? ending.traces : []),
      ],
    }
  },
}

function endedWell({ facts }: View): boolean {
  return facts.service.state !== 'failed' && CLEAN_RESULTS.includes(facts.service.result)
}
