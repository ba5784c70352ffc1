import type { Hindrance } from '../hindrance.ts'
import type { Found } from './diagnosis.ts'

/** What a person is told where something that no remedy may mend keeps the server down; `undefined` where nothing does. */
export function hinderedBy(hindrances: readonly Hindrance[]): Found | undefined {
  const left = hindrances.filter(({ mend }) => mend === undefined)
  const [first, ...others] = left
  if (first === undefined) return undefined
  return {
    cause: first.cause,
    response: 'person',
    strength: 'proven',
    verdict: `the server is down and is not started: ${first.sentence}`,
    evidence: [...first.evidence, ...others.flatMap(({ sentence, evidence }) => [sentence, ...evidence])],
    commands: left.flatMap(({ commands }) => commands),
  }
}
