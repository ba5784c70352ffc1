import type { Diagnosis, Found, View } from './diagnosis.ts'
import { quote, rejectedWith, serverIsDown } from './diagnosis.ts'

/** Starting, recovering or shutting down: any interference makes it longer. */
export const starting: Diagnosis = {
  name: 'starting',
  examine(view) {
    const { facts } = view
    if (serverIsDown(view)) return startUnderWay(view)
    const said = rejectedWith(view, ['57P03'])
    const phase = ['starting', 'stopping'].includes(facts.pidFileStatus) ? facts.pidFileStatus : ''
    if (said.length === 0 && phase === '') return { ruledOut: 'the server does not say that it is starting or shutting down' }
    const evidence = [...said.map(quote), ...(phase === '' ? [] : [`postmaster.pid says "${phase}"`])]
    if (phase === 'stopping') return { cause: 'starting', response: 'wait', verdict: 'the server is shutting down', evidence }
    return facts.startup !== undefined && facts.startup.stalledForMs > 0 && !facts.startup.advancing
      ? stalled(view, evidence)
      : advancing(view, evidence)
  },
}

function startUnderWay({ facts }: View): Found | { ruledOut: string } {
  const { pendingStart, service } = facts
  if (pendingStart === undefined) return { ruledOut: 'no postmaster, and no start is under way' }
  const evidence = [`the service is ${service.state}${service.job === '' ? '' : ` with a ${service.job} job`}`]
  if (!pendingStart.isOverdue)
    return { cause: 'starting', response: 'wait', verdict: 'the service manager is starting the server', evidence }
  const seconds = Math.round(pendingStart.forMs / 1000)
  return {
    cause: 'start-stalled',
    response: 'person',
    verdict: `the service manager has been starting the server for ${seconds} s, and there is none yet`,
    evidence,
  }
}

function advancing({ facts }: View, evidence: readonly string[]): Found {
  const detail = facts.startup === undefined ? '' : `: ${facts.startup.detail}`
  return { cause: 'starting', response: 'wait', verdict: `the server is starting${detail}`, evidence }
}

function stalled({ facts }: View, evidence: readonly string[]): Found {
  const seconds = Math.round((facts.startup?.stalledForMs ?? 0) / 1000)
  return {
    cause: 'start-stalled',
    response: 'person',
    verdict: `the server is starting, but nothing has moved for ${seconds} s`,
    evidence: [...evidence, `startup: ${facts.startup?.detail ?? ''}`],
  }
}
