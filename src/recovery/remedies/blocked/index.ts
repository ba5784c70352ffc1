import type { Ladder } from '../ladder.ts'
import { defineLadder } from '../ladder.ts'
import { cancelBlocker } from './cancel-blocker.ts'
import { findBlockers } from './end-root.ts'
import { terminateBlocker } from './terminate-blocker.ts'

export const blockedLadder: Ladder = defineLadder({
  cause: 'blocked',
  step: 'apply-remedies',
  findTargets: findBlockers,
  remedies: [cancelBlocker, terminateBlocker],
})
