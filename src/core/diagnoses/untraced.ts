import type { Diagnosis } from './diagnosis.ts'
import { serverIsDown } from './diagnosis.ts'
import { judgeEnding } from './ending.ts'

/** A data directory without a server, in which nothing tells of a crash: perhaps a copy or a restore that is not for pgwatchd to start. */
export const untraced: Diagnosis = {
  name: 'unclear',
  examine(view) {
    if (!serverIsDown(view)) return { ruledOut: 'a postmaster runs' }
    const { controlFile, service } = view.facts
    if (controlFile === undefined)
      return person('the server is down and its control file cannot be read: nothing is done', [
        'the control file is unreadable or missing',
      ])
    const ending = judgeEnding(view)
    if (ending?.kind !== 'untraced' && ending?.kind !== 'replaced') return { ruledOut: 'it is known how the server ended' }
    return person('the server is down and nothing tells of a crash, as after a restore or a copy: nothing is done', [
      `the control file says "${controlFile.state}"`,
      `the service is ${service.state}`,
      ...ending.traces,
    ])
  },
}

function person(verdict: string, evidence: readonly string[]) {
  return { cause: 'unclear', response: 'person', verdict, evidence } as const
}
