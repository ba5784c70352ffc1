import type { DamagedRelation } from '../../damage/damaged-relation.ts'
import { findFamily } from '../../damage/find-family.ts'
import type { Relation } from '../../damage/find-relation.ts'
import { readRelationPath } from '../../damage/relation-file.ts'
import type { BadPage } from '../../damage/scan-pages.ts'
import { scanPages } from '../../damage/scan-pages.ts'
import type { StepContext } from '../../step.ts'

/** A few seconds of reading; what is larger is looked at only where it is named. */
const FAMILY_BYTES_AT_MOST = 2 * 1024 ** 3

/**
 * Damage that nobody named yet in the relatives of a damaged relation of users, read from disk: its table, that one's indexes and
 * TOAST table. An index is built from its table, and a table is rewritten with its TOAST table: a page of theirs has to be known first.
 */
export async function findDamagedRelatives(
  context: StepContext,
  { relation }: DamagedRelation,
  signal: AbortSignal,
): Promise<readonly DamagedRelation[]> {
  if (relation === undefined || relation.isCatalog) return []
  const family = (await findFamily(context, relation, signal)) ?? []
  const limit = Math.min(FAMILY_BYTES_AT_MOST, context.settings.repair.maxRelationBytes)
  if (family.some(({ totalBytes }) => totalBytes > limit)) return []
  const found: DamagedRelation[] = []
  for (const relative of family.filter(({ oid }) => oid !== relation.oid)) {
    const pages = await scanPages(context, relative.path, signal)
    if (pages.length > 0) found.push(...toSubject(relative, pages))
  }
  return found
}

function toSubject(relation: Relation, pages: readonly BadPage[]): readonly DamagedRelation[] {
  const file = readRelationPath(relation.path)
  if (file === undefined) return []
  const damages = pages.map(({ block }) => ({
    kind: 'page' as const,
    relationPath: relation.path,
    block,
    message: `a page of ${relation.name} is damaged on disk`,
  }))
  return [{ file, relation, unknownWhy: '', damages, pages }]
}
