import { defineLadder } from '../ladder.ts'
import { copyPageFromStandby } from './copy-page-from-standby.ts'
import { findDamagedRelations } from './find-damaged-relations.ts'
import { keepPageImages } from './keep-page-images.ts'
import { mendCatalogOffline } from './mend-catalog-offline.ts'
import { nameLostValues } from './name-lost-values.ts'
import { rebuildCatalog } from './rebuild-catalog.ts'
import { rebuildIndex } from './rebuild-index.ts'
import { replayPageFromWal } from './replay-page-from-wal.ts'
import { restampPage } from './restamp-page.ts'
import { rewriteMap } from './rewrite-map.ts'
import { salvageAndRewrite } from './salvage-and-rewrite.ts'
import { withinLimits } from './within-limits.ts'
import { writeBackFromBuffers } from './write-back-from-buffers.ts'

/** From what loses nothing and disturbs nobody to what gives up rows. */
export const damagedLadder = defineLadder({
  cause: 'damaged',
  step: 'repair-damage',
  findTargets: findDamagedRelations,
  remedies: [
    withinLimits(keepPageImages),
    withinLimits(writeBackFromBuffers),
    withinLimits(rewriteMap),
    withinLimits(rebuildIndex),
    withinLimits(copyPageFromStandby),
    withinLimits(replayPageFromWal),
    withinLimits(rebuildCatalog),
    mendCatalogOffline,
    withinLimits(restampPage),
    withinLimits(nameLostValues),
    withinLimits(salvageAndRewrite),
  ],
})
