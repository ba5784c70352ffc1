import { keepInIncident } from '../server/incident-files.ts'
import type { StepContext } from '../step.ts'
import type { Relation } from './find-relation.ts'
import type { RelationFile } from './relation-file.ts'
import type { BadPage } from './scan-pages.ts'

/** "public.t" as part of a file name. */
export function fileNameOf(relation: Relation): string {
  return `${relation.database}.${relation.name}`.replaceAll(/[^A-Za-z0-9._-]/g, '_')
}

/** Where the image of one page is kept, within the incident folder. */
export function imageName(relation: Relation, block: number, fork: RelationFile['fork'] = 'main'): string {
  return `pages/${fileNameOf(relation)}${fork === 'main' ? '' : `_${fork}`}.block-${block}.page`
}

/** Keeps the bytes of each damaged page in the incident folder. */
export async function savePageImages(
  context: StepContext,
  relation: Relation,
  pages: readonly BadPage[],
  fork: RelationFile['fork'] = 'main',
): Promise<void> {
  for (const page of pages) await keepInIncident(context, imageName(relation, page.block, fork), page.bytes)
}
