import type { Cause } from '../../core/cause.ts'
import type { Check, StepContext, StepName } from '../step.ts'
import type { Remedy, RemedyFacts, RemedyResult } from './remedy.ts'

/** What a ladder is climbed for: a volume, a damaged relation, the cluster as a whole. */
export interface Target<Subject> {
  /** For people: "public.accounts in bank". */
  readonly name: string
  readonly subject: Subject
}

export interface LadderDefinition<Subject> {
  readonly cause: Cause
  /** The step that climbs it; each rung is journalled in that step's note before it is taken. */
  readonly step: StepName
  /** What there is to mend now; looks only. */
  findTargets(context: StepContext, signal: AbortSignal): Promise<readonly Target<Subject>[]>
  /** From the least invasive to the most. */
  readonly remedies: readonly Remedy<Subject>[]
}

/** What climbing came to, over all targets. */
export interface Climbed {
  readonly did: readonly string[]
  /** What is left to a person, and why. */
  readonly notDone: readonly string[]
  /** Targets that no remedy has mended. */
  readonly unmended: readonly string[]
}

/** What one remedy would do now for one target. */
export interface PlannedRemedy extends RemedyFacts {
  readonly target: string
  readonly go: Check['go']
  readonly because: string
}

/** The remedies of one cause, in order of invasiveness, whatever it is that they act on. */
export interface Ladder {
  readonly cause: Cause
  readonly step: StepName
  readonly remedies: readonly RemedyFacts[]
  /** Asks preconditions only. */
  plan(context: StepContext, signal: AbortSignal): Promise<readonly PlannedRemedy[]>
  /** Takes the rungs one by one for each target until it is mended. */
  climb(context: StepContext, signal: AbortSignal): Promise<Climbed>
}

export function defineLadder<Subject>(definition: LadderDefinition<Subject>): Ladder {
  const { cause, step, remedies } = definition
  return {
    cause,
    step,
    remedies,
    plan: (context, signal) => planLadder(definition, context, signal),
    climb: (context, signal) => climbLadder(definition, context, signal),
  }
}

/** The target of a ladder that acts on the cluster as a whole. */
export async function wholeCluster({ cluster }: StepContext): Promise<readonly Target<undefined>[]> {
  return [{ name: cluster.name, subject: undefined }]
}

async function planLadder<Subject>(
  { findTargets, remedies }: LadderDefinition<Subject>,
  context: StepContext,
  signal: AbortSignal,
): Promise<readonly PlannedRemedy[]> {
  const planned: PlannedRemedy[] = []
  for (const { name, subject } of await findTargets(context, signal)) {
    for (const remedy of remedies) {
      const { go, because } = await remedy.precondition(context, subject, signal)
      planned.push({ ...factsOf(remedy), target: name, go, because })
      if (go === 'stop') break
    }
  }
  return planned
}

function factsOf({ name, purpose, changes, keeps, undo, proof, cost }: RemedyFacts): RemedyFacts {
  return { name, purpose, changes, keeps, undo, proof, cost }
}

async function climbLadder<Subject>(definition: LadderDefinition<Subject>, context: StepContext, signal: AbortSignal): Promise<Climbed> {
  const climbs: Climbed[] = []
  for (const target of await definition.findTargets(context, signal)) {
    if (signal.aborted) break
    climbs.push(await climbFor(definition, context, target, signal))
  }
  return {
    did: climbs.flatMap((climb) => climb.did),
    notDone: climbs.flatMap((climb) => climb.notDone),
    unmended: climbs.flatMap((climb) => climb.unmended),
  }
}

async function climbFor<Subject>(
  { step, remedies }: LadderDefinition<Subject>,
  context: StepContext,
  target: Target<Subject>,
  signal: AbortSignal,
): Promise<Climbed> {
  let { subject } = target
  const did: string[] = []
  const notDone: string[] = []
  for (const remedy of remedies) {
    if (signal.aborted) break
    const check = await remedy.precondition(context, subject, signal)
    if (check.go === 'stop') return { did, notDone: [...notDone, `${target.name}: ${check.because}`], unmended: [target.name] }
    if (check.go === 'skip') continue
    await context.note({ ...context.recall(step), remedy: remedy.name, target: target.name })
    context.report(`${remedy.name} for ${target.name}: ${check.because}`)
    const result = await remedy.run(context, subject, signal)
    did.push(...result.did)
    notDone.push(...(result.notDone ?? []), ...failureOf(remedy, result))
    if (result.ended === 'mended') return { did, notDone, unmended: [] }
    if (result.ended === 'left-to-person') break
    if (result.ended === 'partly') subject = result.left
  }
  return { did, notDone, unmended: [target.name] }
}

function failureOf<Subject>(remedy: Remedy<Subject>, result: RemedyResult<Subject>): readonly string[] {
  if (result.ended === 'left-to-person') return [result.why]
  return result.ended === 'not-mended' ? [`${remedy.name}: ${result.why}`] : []
}
