import { CAUSE_TABLE } from '../core/causes.ts'
import type { Incident } from '../core/incident.ts'
import { LADDERS } from '../recovery/remedies/index.ts'
import type { RemedyFacts } from '../recovery/remedies/remedy.ts'
import type { Explanation } from './control-protocol.ts'
import type { Watch } from './watch.ts'

/** Why a cluster stands where it stands: the last decision with its evidence, and what could be done for its cause. */
export async function explain(watch: Watch): Promise<Explanation> {
  const { cluster, state, decided } = watch
  const cause = state.cause ?? decided?.assessment?.cause ?? null
  return {
    name: cluster.name,
    mode: state.mode,
    modeSinceWallMs: state.modeSince.wallMs,
    sentence: watch.sentence,
    decided: decided ?? null,
    lastIncident: decided === undefined ? ((await newestIncident(watch)) ?? null) : null,
    cause,
    remedies: cause === null ? [] : (LADDERS[cause]?.remedies ?? []).map(toFacts),
    restartHelps: cause !== null && CAUSE_TABLE[cause].restartHelps,
  }
}

/** What the remedy says of itself, without what it does. */
function toFacts({ name, purpose, changes, keeps, undo, proof, cost }: RemedyFacts): RemedyFacts {
  return { name, purpose, changes, keeps, undo, proof, cost }
}

/** What an earlier run of pgwatchd decided is in its incidents. */
async function newestIncident({ incidents, cluster }: Watch): Promise<Incident | undefined> {
  return (await incidents.list()).find((incident) => incident.cluster === cluster.name)
}
