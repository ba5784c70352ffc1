import type { Damage } from '../../core/facts.ts'
import { listDatabases } from '../server/databases.ts'
import type { StepContext } from '../step.ts'
import type { Relation } from './find-relation.ts'
import { findIndexes, findRelation } from './find-relation.ts'
import type { DamagedFile } from './relation-file.ts'
import type { Repair } from './repair.ts'
import { leaveToPerson } from './repair.ts'
import { repairHeap } from './repair-heap.ts'
import { repairIndex } from './repair-index.ts'
import { repairMap } from './repair-map.ts'
import { keepToast } from './toast.ts'

const GONE: Repair = { did: [], notDone: [], proven: true }

/** Repairs one damaged file by what it belongs to, or says why that is left to a person. */
export async function repairFile(context: StepContext, { file, damages }: DamagedFile, signal: AbortSignal): Promise<Repair> {
  const found = await findRelation(context, file, signal)
  if (!found.ok) return found.why.endsWith('any more') ? GONE : leaveToPerson(`${file.path} was left: ${found.why}`)
  const { relation } = found
  if (relation.isCatalog) return leaveToPerson(`${relation.name} in ${relation.database} is a system catalog: its damage needs a person`)
  if (relation.kind === 'i') return repairIndex(context, relation, signal)
  if (file.fork === 'fsm' || file.fork === 'vm') return repairMap(context, relation, file.fork, signal)
  return repairTable(context, relation, damages, signal)
}

/** Repairs the user indexes of a name; the message that names an index does not say where it is. */
export async function repairIndexesNamed(context: StepContext, name: string, signal: AbortSignal): Promise<Repair> {
  const databases = await listDatabases(context, signal)
  if (!databases.ok) return leaveToPerson(`the index ${name} could not be looked for: ${databases.why}`)
  const indexes = await findIndexes(context, name, databases.names, signal)
  if (indexes.some((index) => index.isCatalog)) return leaveToPerson(`${name} is the index of a system catalog: its damage needs a person`)
  const repairs: Repair[] = []
  for (const index of indexes) repairs.push(await repairIndex(context, index, signal))
  return { did: repairs.flatMap((repair) => repair.did), notDone: repairs.flatMap((repair) => repair.notDone), proven: true }
}

async function repairTable(context: StepContext, relation: Relation, damages: readonly Damage[], signal: AbortSignal): Promise<Repair> {
  const where = `${relation.name} in ${relation.database}`
  if (damages.some((damage) => damage.kind !== 'page'))
    return leaveToPerson(`a file of ${where} is missing or cut short: restore it from a backup or a standby`)
  if (relation.kind === 'm') return leaveToPerson(`${where} is damaged: REFRESH MATERIALIZED VIEW builds it anew`)
  if (relation.kind === 't') return keepToast(context, relation, signal)
  if (relation.kind !== 'r') return leaveToPerson(`${where} is damaged, and only tables are repaired (relkind ${relation.kind})`)
  return repairHeap(context, relation, signal)
}
