import type { StepName } from '../../../src/recovery/step.ts'
import { certainJournal, certainState } from '../certain.ts'
import { namesOf, type Act, type ActKind } from '../operations.ts'
import type { World } from '../world.ts'
import type { Invariant } from './invariant.ts'

/** Which steps may do it; one of them must be on record as begun. */
const STEPS: Readonly<Record<ActKind, readonly StepName[]>> = {
  start: ['start-postgres', 'stop-postgres', 'restart-clean'],
  end: ['stop-postgres', 'restart-clean'],
  thaw: ['stop-postgres', 'apply-remedies'],
  'lock-file': ['clear-stale-pid'],
  files: ['free-disk-space', 'check-data-files', 'apply-remedies'],
  hold: ['stop-postgres', 'check-data-files', 'restart-clean', 'apply-remedies'],
}

function find({ machine }: World, { kind, call }: Act): string | undefined {
  const { disk } = machine.files
  const [state, journal] = [certainState(disk), certainJournal(disk)]
  if (state?.mode !== 'recovering') return `the state on disk is ${state?.mode ?? 'missing'}`
  if (state.incidentAttempts < 1 || state.attempts.length < 1) return 'the attempt is not counted on disk'
  if (journal?.status !== 'open') return `the journal on disk is ${journal?.status ?? 'missing'}`
  if (journal.incidentId !== state.incidentId || journal.attempt !== state.incidentAttempts)
    return `the journal on disk is that of attempt ${journal.attempt} of ${journal.incidentId}`
  const begun = journal.steps.filter(({ status }) => status !== 'skipped').map(({ name }) => name)
  if (!STEPS[kind].some((step) => begun.includes(step))) return `no step that does that is on record: ${begun.join(', ')}`
  const moves = journal.steps.find(({ name }) => name === 'clear-stale-pid')?.data['moves']
  if (kind === 'lock-file' && !JSON.stringify(moves ?? []).includes(namesOf(call.object)[0]!)) return 'the move is not noted'
  return undefined
}

export const writtenAhead: Invariant = {
  name: 'written-ahead',
  meaning: 'no act without its count, its journal and its step, all certain to outlive a power cut at that moment',
  watch: (world, violate) => ({
    onAct(act) {
      const missing = find(world, act)
      if (missing !== undefined) violate(`${act.call.operation} ${act.call.object}: ${missing}`)
    },
  }),
}
