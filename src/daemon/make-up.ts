import type { Assessment } from '../core/cause.ts'
import type { Decision } from '../core/decide.ts'
import type { Owed } from '../core/state.ts'
import { OutsideError } from '../ports/outside-error.ts'
import { settle } from './apply.ts'
import { carryOut } from './effects.ts'
import { tell } from './tell.ts'
import type { Watch } from './watch.ts'

/**
 * Carries out what an earlier run decided and saved, and did not live to do. It may have done it, and died before that was
 * saved: so a mail may go out twice, and is never lost.
 */
export async function makeUp(watch: Watch): Promise<void> {
  const { owed } = watch.state
  if (owed === null) return
  await takeUpIncident(watch, owed)
  const decision = remember(watch, owed)
  for (const effect of owed.effects) {
    // The recovery itself is taken up by the mode; its beginning is still to be told.
    if (effect === 'start-recovery') await tell(watch, decision, 'recovery-started')
    else await carryOut(effect, watch, decision)
  }
  await settle(watch)
}

/** The incident's file may not have been written yet; what a recovery was for is in its journal then. */
async function takeUpIncident(watch: Watch, { incidentId, cause, why }: Owed): Promise<void> {
  if (incidentId === null) return
  const assessment = await findAssessment(watch, incidentId)
  const opening = { verdict: why, ...assessment, id: incidentId, cluster: watch.cluster.name, cause: cause ?? 'unclear' }
  watch.incident = await watch.incidents.open(opening)
}

async function findAssessment(watch: Watch, incidentId: string): Promise<Assessment | undefined> {
  try {
    const journal = await watch.journal.load()
    return journal?.incidentId === incidentId ? journal.assessment : undefined
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return undefined
  }
}

/** The decision as far as its effects ask for it. */
function remember({ state }: Watch, { effects, event, why, cause, incidentId, told, downSince }: Owed): Decision {
  const before = { ...state, cause, incidentId, told, downSince }
  return { before, state, effects, event: { type: event } as Decision['event'], why }
}
