import type { Diagnosis } from './diagnosis.ts'

export const notOurs: Diagnosis = {
  name: 'not-ours',
  examine({ facts }) {
    if (facts.owner === undefined) return { ruledOut: 'no other manager of this cluster was found' }
    return {
      cause: 'not-ours',
      response: 'person',
      verdict: `the cluster is in trouble, but ${facts.owner.name} owns it: pgwatchd only looks on`,
      evidence: [facts.owner.evidence],
    }
  },
}
