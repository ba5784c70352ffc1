import type { Damage } from '../../core/facts.ts'
import type { StepContext, StepName } from '../step.ts'

const NOTED_BY: readonly StepName[] = ['check-data-files']

/** Every damage that is known by now, each place once: from the facts, and from what earlier steps noted. */
export function knownDamages(context: StepContext): readonly Damage[] {
  const noted = NOTED_BY.flatMap((step) => (context.recall(step)?.['damages'] ?? []) as readonly Damage[])
  const places = new Map([...context.damages, ...noted].map((damage) => [`${damage.relationPath} ${damage.block}`, damage]))
  return [...places.values()]
}
