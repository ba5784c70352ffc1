import type { StepContext } from '../step.ts'
import type { Relation } from './find-relation.ts'
import { findFamily } from './find-family.ts'
import { savePageImages } from './save-pages.ts'
import { scanPages } from './scan-pages.ts'

const IMAGES_AT_MOST = 200

/**
 * What is damaged of a table's TOAST table and its index, for people, with the images of those pages kept; `undefined` when
 * nothing is. A rewrite reads both, and with `zero_damaged_pages` on it would zero them unsaved.
 */
export async function findDamagedToast(context: StepContext, table: Relation, signal: AbortSignal): Promise<string | undefined> {
  const relations = (await findFamily(context, table, signal))?.filter(({ isToast }) => isToast)
  if (relations === undefined) return 'its TOAST table could not be looked for'
  for (const relation of relations) {
    const kept = await keepDamagedPages(context, relation, signal)
    if (kept > 0) return `${relation.name} has ${kept} damaged pages, whose images are kept`
  }
  return undefined
}

/** How many there are. */
async function keepDamagedPages(context: StepContext, relation: Relation, signal: AbortSignal): Promise<number> {
  const pages = await scanPages(context, relation.path, signal)
  await savePageImages(context, relation, pages.slice(0, IMAGES_AT_MOST))
  return pages.length
}
