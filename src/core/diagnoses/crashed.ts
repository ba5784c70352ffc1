import type { Diagnosis, View } from './diagnosis.ts'
import { judgeEnding } from './ending.ts'

export const crashed: Diagnosis = {
  name: 'crashed',
  examine(view) {
    const { postmaster, controlFile } = view.facts
    if (postmaster.status === 'unknown') return { ruledOut: `whether a postmaster runs could not be told: ${postmaster.why}` }
    if (postmaster.status === 'running') return { ruledOut: `the postmaster (pid ${postmaster.pid}) runs` }
    if (controlFile === undefined) return { ruledOut: 'the control file cannot be read' }
    const ending = judgeEnding(view)
    if (ending?.kind !== 'crash') return { ruledOut: 'nothing tells of a crash' }
    return {
      cause: 'crashed',
      response: 'recover',
      plan: 'restart',
      strength: ending.strength,
      verdict: 'the postmaster is gone without a clean shutdown',
      evidence: [...ending.traces, ...describe(view)],
    }
  },
}

function describe({ facts }: View): readonly string[] {
  return [
    `the control file says "${facts.controlFile?.state ?? 'unreadable'}"`,
    `the service is ${facts.service.state}${facts.service.result === '' ? '' : ` with result "${facts.service.result}"`}`,
    ...facts.log.panics,
    ...(facts.log.lastFatal === '' ? [] : [`last words in the log: ${facts.log.lastFatal}`]),
  ]
}
