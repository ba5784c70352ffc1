import type { Diagnosis, View } from './diagnosis.ts'

export const crashed: Diagnosis = {
  name: 'crashed',
  examine(view) {
    const { postmaster } = view.facts
    if (postmaster.status === 'unknown') return { ruledOut: `whether a postmaster runs could not be told: ${postmaster.why}` }
    if (postmaster.status === 'running') return { ruledOut: `the postmaster (pid ${postmaster.pid}) runs` }
    if (view.facts.controlFile === undefined && view.facts.service.state !== 'failed') {
      return { ruledOut: 'the control file cannot be read, so a clean stop is not ruled out' }
    }
    const orphans = postmaster.status === 'orphans' ? [`server processes without a postmaster are left: ${postmaster.pids.join(', ')}`] : []
    return {
      cause: 'crashed',
      response: 'recover',
      plan: 'restart',
      strength: 'proven',
      verdict: 'the postmaster is gone without a clean shutdown',
      evidence: [...orphans, ...traces(view)],
    }
  },
}

function traces({ facts }: View): readonly string[] {
  return [
    `the control file says "${facts.controlFile?.state ?? 'unreadable'}"`,
    `the service is ${facts.service.state}${facts.service.result === '' ? '' : ` with result "${facts.service.result}"`}`,
    ...facts.log.panics,
    ...(facts.log.lastFatal === '' ? [] : [`last words in the log: ${facts.log.lastFatal}`]),
  ]
}
