import type { Damage } from '../../../core/facts.ts'
import type { DamagedRelation } from '../../damage/damaged-relation.ts'
import { isHeap, isIndex, isMap, nameOf } from '../../damage/damaged-relation.ts'
import { findIndexes, findRelation } from '../../damage/find-relation.ts'
import { knownDamages } from '../../damage/known-damages.ts'
import { readRelationPath } from '../../damage/relation-file.ts'
import { readNamedPages } from '../../damage/scan-pages.ts'
import { listDatabases } from '../../server/databases.ts'
import type { StepContext } from '../../step.ts'
import type { Target } from '../ladder.ts'
import { findDamagedRelatives } from './find-relatives.ts'

const PLACES_AT_MOST = 20

/**
 * What the server, its log or the checksums named as damaged, with the pages that were named as the disk shows them now, and
 * what is damaged of their relatives. What others are built from comes first: a TOAST table before its table, a table before its indexes.
 */
export async function findDamagedRelations(context: StepContext, signal: AbortSignal): Promise<readonly Target<DamagedRelation>[]> {
  const subjects: DamagedRelation[] = []
  for (const [place, damages] of groupByPlace(context).slice(0, PLACES_AT_MOST)) {
    const isName = readRelationPath(place) === undefined && damages.some(({ kind }) => kind === 'index')
    subjects.push(...(await (isName ? lookAtName(context, place, damages, signal) : lookAtFile(context, place, damages, signal))))
  }
  for (const subject of [...subjects]) subjects.push(...(await findDamagedRelatives(context, subject, signal)))
  return withoutRepeats(subjects)
    .toSorted((one, other) => rankOf(one) - rankOf(other))
    .map((subject) => ({ name: nameOf(subject), subject }))
}

/** How many damaged files and indexes are left for a later attempt. */
export function countLeftOut(context: StepContext): number {
  return Math.max(0, groupByPlace(context).length - PLACES_AT_MOST)
}

/** A place is a path of the server, or the name of an index. */
function groupByPlace(context: StepContext): readonly [place: string, damages: readonly Damage[]][] {
  return [...Map.groupBy(knownDamages(context), ({ relationPath }) => relationPath)]
}

async function lookAtFile(
  context: StepContext,
  path: string,
  damages: readonly Damage[],
  signal: AbortSignal,
): Promise<readonly DamagedRelation[]> {
  const file = readRelationPath(path)
  if (file === undefined) return []
  const found = await findRelation(context, file, signal)
  if (!found.ok && found.gone) return []
  const blocks = damages.flatMap(({ kind, block }) => (kind === 'page' ? [block] : []))
  const pages = await readNamedPages(context, path, blocks)
  const known = found.ok ? { relation: found.relation, unknownWhy: '' } : { relation: undefined, unknownWhy: found.why }
  return [{ file, damages, pages, ...known }]
}

/** The message that names an index does not say where it is. */
async function lookAtName(
  context: StepContext,
  name: string,
  damages: readonly Damage[],
  signal: AbortSignal,
): Promise<readonly DamagedRelation[]> {
  const databases = await listDatabases(context, signal)
  const indexes = databases.ok ? await findIndexes(context, name, databases.names, signal) : []
  return indexes.flatMap((relation) => {
    const file = readRelationPath(relation.path)
    return file === undefined ? [] : [{ file, relation, unknownWhy: '', damages, pages: [] }]
  })
}

/** An index may be named by its file and by its name: the file tells more. */
function withoutRepeats(subjects: readonly DamagedRelation[]): readonly DamagedRelation[] {
  const byFile = new Map<string, DamagedRelation>()
  for (const subject of subjects) {
    const key = `${subject.file.path} ${subject.file.fork}`
    if (!byFile.has(key) || (byFile.get(key)?.pages.length === 0 && subject.pages.length > 0)) byFile.set(key, subject)
  }
  return [...byFile.values()]
}

function rankOf(subject: DamagedRelation): number {
  const { relation } = subject
  if (relation === undefined || relation.isCatalog) return 0
  if (relation.isToast) return isIndex(subject) ? 1 : 2
  return isHeap(subject) ? 3 : isMap(subject) ? 5 : 4
}
