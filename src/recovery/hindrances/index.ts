import type { Cluster } from '../../core/cluster.ts'
import type { Hindrance } from '../../core/hindrance.ts'
import type { Outside } from '../../ports/outside.ts'
import { recallFinding } from './kept-finding.ts'

/** What is needed to look for hindrances. */
export interface HindranceGround {
  readonly cluster: Cluster
  readonly outside: Outside
  /** Of the incident under way; `undefined` outside one. */
  readonly incidentDirectory: string | undefined
}

/** What keeps a server that is down from being started, as far as that can be told within a moment; looks only. Rejects with `OutsideError`. */
export async function findHindrances({ outside, incidentDirectory }: HindranceGround): Promise<readonly Hindrance[]> {
  const kept = incidentDirectory === undefined ? undefined : await recallFinding(outside.files, incidentDirectory)
  return kept === undefined ? [] : [kept]
}
