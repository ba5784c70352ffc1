import type { Diagnosis, Found, View } from './diagnosis.ts'
import { serverIsDown } from './diagnosis.ts'

const CLEAN_RESULTS = ['success', '']

/** A clean shutdown that nobody but an operator can have asked for. */
export const stoppedByOperator: Diagnosis = {
  name: 'stopped-by-operator',
  examine(view) {
    const { facts } = view
    if (!serverIsDown(view)) return { ruledOut: 'a postmaster runs' }
    if (facts.controlFile?.state !== 'shut down')
      return { ruledOut: `the control file says "${facts.controlFile?.state ?? 'unreadable'}", not "shut down"` }
    if (facts.service.state === 'failed' || !CLEAN_RESULTS.includes(facts.service.result)) {
      return { ruledOut: `the service ended with result "${facts.service.result}"` }
    }
    return stop(view)
  },
}

function stop({ facts }: View): Found {
  const evidence = [
    'the control file says "shut down"',
    `the service is ${facts.service.state} with result "${facts.service.result || 'none'}"`,
  ]
  if (facts.packageUpgrade) {
    return {
      cause: 'stopped-by-operator',
      response: 'wait',
      verdict: 'the server is stopped while a package upgrade runs',
      evidence: [...evidence, 'a package manager is at work'],
    }
  }
  if (facts.dataDirectoryUser !== '') {
    const worker = `${facts.dataDirectoryUser} works in the data directory`
    return {
      cause: 'stopped-by-operator',
      response: 'wait',
      verdict: `the server is stopped and ${worker}`,
      evidence: [...evidence, worker],
    }
  }
  return {
    cause: 'stopped-by-operator',
    response: 'grace',
    plan: 'restart',
    verdict: 'the server was shut down cleanly by an operator',
    evidence,
  }
}
