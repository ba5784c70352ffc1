import type { Decision } from '../core/decide.ts'
import { OutsideError } from '../ports/outside-error.ts'
import { newJournal } from '../recovery/run-pipeline.ts'
import type { Watch } from './watch.ts'

/**
 * Puts into the journal what a recovery is for, before the state counts it: what the server's log said of damage is in no
 * other place that outlives this run. A journal that cannot be saved ends the recovery at its first step.
 */
export async function layIntent(watch: Watch, { effects, event, state }: Decision): Promise<void> {
  const { incidentId, incidentAttempts } = state
  if (!effects.includes('start-recovery') || !('assessment' in event) || incidentId === null) return
  const { assessment } = event
  if (assessment.plan === undefined) return
  const ground = { incidentId, assessment, damages: watch.factsMemory.proved }
  try {
    await watch.journal.save(newJournal({ plan: assessment.plan, attempt: incidentAttempts, clock: watch.outside.clock, ground }))
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
  }
}
