import { knownDamages } from '../damage/known-damages.ts'
import { isProved, noteUnproved } from '../damage/repair-notes.ts'
import { finishRewrite } from '../damage/unfinished-rewrite.ts'
import { clearScratch } from '../pages/scratch.ts'
import { countLeftOut } from '../remedies/damaged/find-damaged-relations.ts'
import { damagedLadder } from '../remedies/damaged/index.ts'
import { describeRewrite } from '../remedies/damaged/salvage-and-rewrite.ts'
import type { Climbed } from '../remedies/ladder.ts'
import { namePostmaster } from '../server/standing.ts'
import { bringBack, isLeftDown } from '../server/while-down.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'

/** Repairs what the server, its log or the checksums named as damaged, with the least loss that is possible. */
export const repairDamage: Step = {
  name: 'repair-damage',
  purpose: 'ensure that damaged indexes, maps and tables are whole again, or told to a person',
  changes: 'what the remedies of damage say, the least invasive first; see docs/remedies.md',
  precondition,
  run,
  undo,
}

async function precondition(context: StepContext): Promise<Check> {
  const damages = knownDamages(context)
  if (isLeftDown(context)) return { go: 'run', because: 'the server was stopped for the repair, and has to serve again' }
  if (context.recall('repair-damage')?.['proven'] !== undefined) return { go: 'skip', because: 'it was repaired earlier in this attempt' }
  if (damages.length === 0) return { go: 'skip', because: 'no damage is known' }
  const messages = damages.slice(0, 3).map((damage) => damage.message)
  return { go: 'run', because: `damage is known: ${messages.join('; ')}` }
}

/** A pgwatchd that is to end leaves the attempt open: without its journal nobody would know of the damage. */
async function run(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  await cleanUp(context, signal)
  if (context.hurried())
    return { ok: false, suspend: true, why: 'pgwatchd is to end; its next start repairs the damage', held: false, did: [] }
  const finished = await finishUnfinished(context, signal)
  const climbed = join(finished, await damagedLadder.climb(context, signal))
  await context.note({ ...context.recall('repair-damage'), proven: isProved(context), postmaster: namePostmaster(context) })
  return conclude(context, climbed)
}

/** A run that was killed in a rewrite has told nobody what it cost. */
async function finishUnfinished(context: StepContext, signal: AbortSignal): Promise<Climbed> {
  const rewrite = await finishRewrite(context, signal)
  if (rewrite === undefined) return { did: [], notDone: [], unmended: [] }
  if (rewrite.problems.length > 0) await noteUnproved(context)
  return { did: [describeRewrite(rewrite.relation, rewrite.pages, rewrite.lost)], notDone: rewrite.problems, unmended: [] }
}

function join(one: Climbed, other: Climbed): Climbed {
  return {
    did: [...one.did, ...other.did],
    notDone: [...one.notDone, ...other.notDone],
    unmended: [...one.unmended, ...other.unmended],
  }
}

/** What a killed pgwatchd has left of an earlier try: a server that was stopped for the repair, and one of its own. */
async function cleanUp(context: StepContext, signal: AbortSignal): Promise<readonly string[]> {
  await clearScratch(context, signal)
  if (!isLeftDown(context)) return []
  await bringBack(context, signal)
  return ['started the server again, which was stopped for the repair']
}

/** A repair is not taken back, but it must not end half done; what it replaced is kept in the incident folder. */
function undo(context: StepContext, signal: AbortSignal): Promise<readonly string[]> {
  return cleanUp(context, signal)
}

/** After a crash the server is to serve with what is left; where the repair was all that was wanted, a person has to come. */
function conclude(context: StepContext, climbed: Climbed): StepResult {
  const { did } = climbed
  const leftOut = countLeftOut(context)
  const notDone = leftOut > 0 ? [...climbed.notDone, `${leftOut} more damaged files were not looked at in this attempt`] : climbed.notDone
  if (notDone.length === 0 || context.assessment.plan !== 'repair-online') return { ok: true, did, notDone }
  return { ok: false, why: `damage needs a person: ${notDone.slice(0, 3).join('; ')}`, held: true, did, notDone }
}
