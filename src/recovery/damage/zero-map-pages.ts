import { PAGE_BYTES } from '../../core/postgres/page-checksum.ts'
import { recordChange } from '../changes/change-log.ts'
import type { StepContext } from '../step.ts'
import type { KnownRelation } from './damaged-relation.ts'
import { forkPathOf, nameOf } from './damaged-relation.ts'
import { savePageImages } from './save-pages.ts'
import type { BadPage } from './scan-pages.ts'
import { locatePage } from './scan-pages.ts'

/**
 * Writes zeros over damaged pages of a free-space or visibility map, whose images it keeps. A running server is no hindrance: it
 * has taken them for zeros already, whatever it writes later replaces them, and a map that claims less than is true is always right.
 */
export async function zeroMapPages(context: StepContext, subject: KnownRelation, pages: readonly BadPage[]): Promise<void> {
  const { relation, file } = subject
  await savePageImages(context, relation, pages, file.fork)
  const what = `${pages.length} pages of ${nameOf(subject)}`
  await recordChange(context, 'rewrite-map', { kind: 'rebuilt', what, database: relation.database, by: 'writing zeros over them' })
  for (const { block } of pages) {
    const { path, offset } = locatePage(context, forkPathOf(subject), block)
    await context.outside.files.overwrite(path, offset, new Uint8Array(PAGE_BYTES))
  }
}
