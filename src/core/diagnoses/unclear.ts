import type { Found, View } from './diagnosis.ts'
import { quote } from './diagnosis.ts'

/** When nothing else fits: a person is told everything that is known, and nothing is done. */
export function unclear({ failed, facts }: View): Found {
  const { postmaster } = facts
  const process = postmaster.status === 'running' ? [`postmaster ${postmaster.pid} runs, in state ${postmaster.processState}`] : []
  return {
    cause: 'unclear',
    response: 'person',
    verdict: `${failed[0]?.detail ?? 'a probe failed'}; no cause is proved, so nothing is done`,
    evidence: [...failed.map(quote), ...process],
  }
}
