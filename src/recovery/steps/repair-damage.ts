import type { Repair } from '../damage/repair.ts'
import { knownDamages } from '../damage/known-damages.ts'
import { findRelation } from '../damage/find-relation.ts'
import { groupByFile } from '../damage/relation-file.ts'
import { repairFile, repairIndexesNamed } from '../damage/repair-file.ts'
import { repairWithinLimits } from '../damage/within-limits.ts'
import type { TouchedTable } from '../server/proofs.ts'
import { namePostmaster } from '../server/standing.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'

const FILES_AT_MOST = 20

/** Repairs what the server, its log or the checksums named as damaged, with the least loss that is possible. */
export const repairDamage: Step = {
  name: 'repair-damage',
  purpose: 'ensure that damaged indexes, maps and tables are whole again, or told to a person',
  changes:
    'rebuilds indexes and maps; keeps images, rows and keys of damaged table pages, then rewrites the table without them where allowed',
  precondition,
  run,
  undo: { impossible: 'a repair is not taken back; what it replaced is kept in the incident folder' },
}

async function precondition(context: StepContext): Promise<Check> {
  const damages = knownDamages(context)
  if (context.recall('repair-damage')?.['proven'] !== undefined) return { go: 'skip', because: 'it was repaired earlier in this attempt' }
  if (damages.length === 0) return { go: 'skip', because: 'no damage is known' }
  if (context.hurried()) return { go: 'skip', because: 'pgwatchd is to end; the damage is repaired in a later attempt' }
  return {
    go: 'run',
    because: `damage is known: ${damages
      .slice(0, 3)
      .map((damage) => damage.message)
      .join('; ')}`,
  }
}

async function run(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  const damages = knownDamages(context)
  const files = groupByFile(damages.filter((damage) => damage.kind !== 'index'))
  const names = new Set(damages.filter((damage) => damage.kind === 'index').map((damage) => damage.relationPath))
  const touched: TouchedTable[] = []
  const repairs: Repair[] = []
  for (const damaged of files.slice(0, FILES_AT_MOST)) {
    const found = await findRelation(context, damaged.file, signal)
    if (found.ok && found.relation.kind === 'r' && !found.relation.isCatalog)
      touched.push({ database: found.relation.database, table: found.relation.name })
    await context.note({ touched })
    repairs.push(await repairWithinLimits(context, damaged.file.path, signal, (inner) => repairFile(context, damaged, inner)))
  }
  for (const name of [...names].slice(0, FILES_AT_MOST))
    repairs.push(await repairWithinLimits(context, name, signal, (inner) => repairIndexesNamed(context, name, inner)))
  await context.note({ touched, proven: repairs.every((repair) => repair.proven), postmaster: namePostmaster(context) })
  return conclude(context, repairs, files.length + names.size - repairs.length)
}

/** After a crash the server is to serve with what is left; where the repair was all that was wanted, a person has to come. */
function conclude(context: StepContext, repairs: readonly Repair[], leftOut: number): StepResult {
  const did = repairs.flatMap((repair) => repair.did)
  const notDone = repairs.flatMap((repair) => repair.notDone)
  if (leftOut > 0) notDone.push(`${leftOut} more damaged files were not looked at in this attempt`)
  if (notDone.length === 0 || context.assessment.plan !== 'repair-online') return { ok: true, did, notDone }
  return { ok: false, why: `damage needs a person: ${notDone.slice(0, 3).join('; ')}`, held: true, did, notDone }
}
