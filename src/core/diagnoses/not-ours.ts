import type { Diagnosis } from './diagnosis.ts'
import { quote } from './diagnosis.ts'

export const notOurs: Diagnosis = {
  name: 'not-ours',
  examine({ facts: { owner }, failed }) {
    if (owner.status === 'none') return { ruledOut: 'no other manager of this cluster was found' }
    if (owner.status === 'unknown') {
      return {
        cause: 'unclear',
        response: 'person',
        verdict: 'the cluster is in trouble, but whether another manager owns it could not be told: nothing is done',
        evidence: [owner.why],
      }
    }
    return {
      cause: 'not-ours',
      response: 'person',
      verdict: `the cluster is in trouble, but ${owner.value.name} owns it: pgwatchd only looks on`,
      evidence: [owner.value.evidence, ...failed.map(quote)],
    }
  },
}
